import { memo, useMemo } from "react";

import type { CallHeader } from "@/api/types";
import type { Event } from "@/lib/event-strip";
import { plural } from "@/lib/number";
import { kindColor } from "@/ui/marks";

import styles from "./trace.module.css";

interface Props {
  events: readonly Event<CallHeader>[];
  bounds: { start: number; total: number };
  nowUs: number;
  selected: CallHeader;
  onSelect: (id: string) => void;
}

const LANES = ["error", "llm", "tool"] as const;
const NAMES = { error: "error", llm: "model call", tool: "tool call" };

/** Errors, model calls and tools of the whole trace over time; `e` goes through the errors without a mouse. */
export function EventStrip({ events, bounds, nowUs, selected, onSelect }: Props) {
  const lanes = useMemo(() => LANES.filter((lane) => events.some((event) => event.lane === lane)), [events]);
  if (events.length === 0) return null;
  const left = ((selected.start_us - bounds.start) / bounds.total) * 100;
  const width = (((selected.end_us ?? nowUs) - selected.start_us) / bounds.total) * 100;
  return (
    <div className={styles.strip} role="group" aria-label="Events over time" style={{ height: lanes.length * 6 + 8 }}>
      {width < 99 && <i className={styles.here} style={{ left: `${left}%`, width: `${width}%` }} aria-hidden="true" />}
      <Buttons events={events} lanes={lanes} onSelect={onSelect} />
    </div>
  );
}

const Buttons = memo(function Buttons({ events, lanes, onSelect }: Pick<Props, "events" | "onSelect"> & { lanes: readonly Event<CallHeader>["lane"][] }) {
  return events.map((event) => (
    <button key={`${event.lane} ${event.call.id}`} type="button" tabIndex={-1} data-lane={event.lane} aria-label={said(event)} title={said(event)}
      style={{ left: `${event.left}%`, width: `${event.width}%`, top: lanes.indexOf(event.lane) * 6 + 4, background: event.lane === "error" ? "var(--bad)" : kindColor(event.lane) }}
      onClick={() => { onSelect(event.call.id); }} />
  ));
});

const said = ({ lane, call, count }: Event<CallHeader>) =>
  count > 1 ? plural(count, NAMES[lane]) : lane === "error" ? `${call.display_name ?? call.op_name}: ${call.error ?? "error"}` : (call.display_name ?? call.op_name);
