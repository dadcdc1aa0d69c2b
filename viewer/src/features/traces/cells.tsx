import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { ListedRow, ProjectId } from "@/api/queries";
import { withoutRefs } from "@/lib/json";
import { formatCost, formatSumTokens, formatTokens } from "@/lib/number";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import { KindMark, Reaction, Score, shortDigest, Version } from "@/ui/marks";

import styles from "./traces.module.css";

const Nothing = () => <span className="dim">—</span>;
const tokens = (count: number | null) => (count === null ? <Nothing /> : formatTokens(count));
const moment = (us: number | null) => (us === null ? <Nothing /> : <span className="dim" title={formatFull(us)}>{formatStarted(us)}</span>);

const CELLS: Record<string, (call: ListedRow, p: ProjectId) => ReactNode> = {
  op: (call, p) => (
    <>
      <KindMark kind={call.kind} />
      <Link className={styles.name} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: call.trace_id }} search={call.parent_span_id === null ? {} : { call: call.id }} title={call.op_name} tabIndex={-1} preload={false}
        onClick={(event) => { event.stopPropagation(); }}>{call.display_name ?? call.op_name}</Link>
      {call.op_digest !== null && <Version>{shortDigest(call.op_digest).slice(0, 4)}</Version>}
    </>
  ),
  input: (call) => withoutRefs(call.input_preview),
  output: (call) => call.error !== null ? <span className={styles.bad}>{call.error}</span> : call.status === "running" ? <span className="dim">running…</span> : <span className="mid">{withoutRefs(call.output_preview)}</span>,
  scores: (call) => [...call.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />), ...Object.entries(call.scores).map(([name, value]) => <Score key={name} name={name} value={value} />)],
  latency: (call) => formatDuration(durationOf(call)),
  tokens: (call) => (call.sum_tokens === null ? <Nothing /> : <span className="mid">{formatSumTokens(call)}</span>),
  cost: (call) => <span className="mid">{formatCost(call)}</span>,
  started: (call) => moment(call.start_us),
  ended: (call) => moment(call.end_us),
  kind: (call) => call.kind,
  model: (call) => call.model ?? <Nothing />,
  input_tokens: (call) => tokens(call.input_tokens),
  output_tokens: (call) => tokens(call.output_tokens),
  thread: (call) => call.thread_id ?? <Nothing />,
  reactions: (call) => call.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />),
};

/** What a column shows of a call. */
export function cellOf(id: string, call: ListedRow, p: ProjectId): ReactNode {
  const cell = CELLS[id];
  if (cell) return cell(call, p);
  const found = call.shown[id];
  if (found === undefined || found.value === null) return <Nothing />;
  if (typeof found.value === "boolean") return found.value ? "yes" : "no";
  if (typeof found.value === "number") return String(found.value);
  return <span title={found.more ? "The start of a longer value: open the call for all of it." : undefined} data-more={found.more || undefined}>{withoutRefs(found.value)}</span>;
}

/** Where what a cell holds decides how it looks. */
export const isNumeric = (call: ListedRow, id: string): boolean => typeof call.shown[id]?.value === "number";
