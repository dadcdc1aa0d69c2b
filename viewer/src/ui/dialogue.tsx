import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Line } from "@/lib/conversation";
import { plural } from "@/lib/number";

import styles from "./dialogue.module.css";
import { Marked } from "./marked";
import { FoldedSteps, MessageBody, StepView } from "./messages-view";
import { useKeys } from "./use-keys";

/** A nested agent that says more than this is folded at first. */
const LONG = 12;

interface Props {
  lines: readonly Line[];
  selected: string;
  wanted?: string;
  onSelect: (callId: string) => void;
  /** Whether there is more to be read. */
  isWhole: boolean;
  /** Whether the selected call is in what has not been read yet. */
  isAhead?: boolean;
  onNeedMore: () => void;
}

/** What was said, of which only what is in sight is drawn; each line leads to the call in which it was said. */
export function Dialogue({ lines, selected, wanted = "", onSelect, isWhole, isAhead = false, onNeedMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { shown, folded, turn } = useFolds(lines);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => 76, overscan: 6 });
  const items = virtual.getVirtualItems();
  const isAtEnd = (items.at(-1)?.index ?? -1) >= shown.length - 3;
  useEffect(() => { if (!isWhole && (isAtEnd || isAhead)) onNeedMore(); });

  const holds = (line: Line) => line.callId === selected || (line.kind === "message" && line.steps.some((step) => step.callId === selected));
  const at = shown.findIndex((line) => holds(line));
  useEffect(() => { if (at >= 0) virtual.scrollToIndex(at, { align: "auto" }); }, [at, virtual]);
  const move = (step: 1 | -1) => {
    for (let i = at + step; i >= 0 && i < shown.length; i += step) {
      const line = shown[i];
      if (line && !holds(line)) { onSelect(line.callId); return; }
    }
  };
  useKeys({ j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); } });
  if (lines.length === 0 && isWhole) return <p className={styles.none}>Nothing was said in this trace: it has no calls of models, and its inputs and output are empty.</p>;
  return (
    <div ref={scroller} className={styles.dialogue} role="feed" aria-label="Conversation" aria-busy={!isWhole} tabIndex={0}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const line = shown[item.index];
          return line && (
            <article key={item.key} ref={virtual.measureElement} data-index={item.index} className={styles.line} aria-posinset={item.index + 1} aria-setsize={isWhole ? shown.length : -1} aria-label={labelOf(line)} data-selected={holds(line)}
              style={{ transform: `translateY(${item.start}px)`, paddingLeft: 14 + line.within.length * 18 }} onClick={(event) => { if (!isControl(event.target)) onSelect(line.callId); }}>
              <LineView line={line} wanted={wanted} selected={selected} isFolded={folded.has(line.callId)} onFold={() => { turn(line.callId); }} onSelect={onSelect} />
            </article>
          );
        })}
      </div>
    </div>
  );
}

/** Which lines are in sight, while nested agents are folded and unfolded. */
export function useFolds(lines: readonly Line[]) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const folded = useMemo(() => new Set(lines.flatMap((line) => (line.kind === "agent" && line.lines > LONG !== turned.has(line.callId) ? [line.callId] : []))), [lines, turned]);
  const shown = useMemo(() => lines.filter((line) => !line.within.some((id) => folded.has(id))), [lines, folded]);
  const turn = (id: string) => {
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    setTurned(next);
  };
  return { shown, folded, turn };
}

/** A click on something that reacts itself, or at the end of marking text, selects nothing. */
const isControl = (target: EventTarget) => target instanceof Element && (target.closest("button, a, summary, audio, video, input") !== null || (window.getSelection()?.toString() ?? "") !== "");

const labelOf = (line: Line) => (line.kind === "message" ? line.message.role : line.kind === "agent" ? `agent ${line.name}` : `${line.kind} ${line.name}`);

interface LineProps {
  line: Line;
  wanted?: string;
  selected?: string;
  isFolded: boolean;
  onFold: () => void;
  onSelect: (callId: string) => void;
  /** Whether calls of tools are folded. */
  isBrief?: boolean;
}

export function LineView({ line, wanted = "", selected = "", isFolded, onFold, onSelect, isBrief = false }: LineProps) {
  switch (line.kind) {
    case "message": return <MessageBody message={line.message} steps={line.steps} wanted={wanted} selected={selected} onSelect={onSelect} isBrief={isBrief} />;
    case "tool": {
      const step = { call: { id: null, name: line.name, args: withoutSelf(line.inputs) }, result: null, callId: line.callId, output: line.output, error: line.error, cuts: line.cuts };
      const shown = <StepView step={step} selected={selected} wanted={wanted} onSelect={onSelect} />;
      return isBrief ? <FoldedSteps steps={[step]}>{shown}</FoldedSteps> : shown;
    }
    case "error": return <p className={styles.error}><b>{line.name}</b> {line.error}</p>;
    case "agent": return (
      <button type="button" className={styles.agent} aria-expanded={!isFolded} onClick={() => { onFold(); onSelect(line.callId); }}>
        <i data-open={!isFolded} aria-hidden="true" /><b><Marked text={line.name} wanted={wanted} /></b> <span>{plural(line.lines, "line")}</span>{line.error !== null && <em>{line.error}</em>}
      </button>
    );
  }
}

const withoutSelf = (inputs: unknown) => (typeof inputs === "object" && inputs !== null && "self" in inputs ? Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "self")) : inputs);

