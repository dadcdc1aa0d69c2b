import { memo } from "react";

import type { ListedCall } from "@/api/types";
import { withoutRefs } from "@/lib/json";
import { formatCost, formatSumTokens } from "@/lib/number";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import { KindMark, Reaction, Score, shortDigest, StatusDot, Version } from "@/ui/marks";

import styles from "./traces.module.css";

interface Props {
  call: ListedCall;
  top: number;
  index: number;
  isSelected: boolean;
  onSelect: (call: ListedCall) => void;
  onOpen: (call: ListedCall) => void;
}

export const TraceRow = memo(function TraceRow({ call, top, index, isSelected, onSelect, onOpen }: Props) {
  return (
    <div id={`call-${call.id}`} className={styles.row} role="row" aria-rowindex={index + 2} aria-selected={isSelected} style={{ transform: `translateY(${top}px)` }}
      onClick={() => { onSelect(call); }} onDoubleClick={() => { onOpen(call); }}>
      <span role="gridcell"><StatusDot status={call.status} /></span>
      <span role="gridcell" className={styles.op} title={call.op_name}>
        <KindMark kind={call.kind} />
        <span className={styles.name}>{call.display_name ?? call.op_name}</span>
        {call.op_digest !== null && <Version>{shortDigest(call.op_digest).slice(0, 4)}</Version>}
      </span>
      <span role="gridcell" className={styles.text}>{withoutRefs(call.input_preview)}</span>
      {call.error === null
        ? <span role="gridcell" className={`${styles.text} mid`}>{call.status === "running" ? <span className="dim">running…</span> : withoutRefs(call.output_preview)}</span>
        : <span role="gridcell" className={`${styles.text} ${styles.bad}`}>{call.error}</span>}
      <span role="gridcell" className={styles.scores}>
        {call.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />)}
        {Object.entries(call.scores).map(([name, value]) => <Score key={name} name={name} value={value} />)}
      </span>
      <span role="gridcell" className={styles.num}>{formatDuration(durationOf(call))}</span>
      <span role="gridcell" className={styles.tokens}>{call.sum_tokens === null ? <span className="dim">—</span> : formatSumTokens(call)}</span>
      <span role="gridcell" className={styles.cost}>{formatCost(call)}</span>
      <span role="gridcell" className={styles.started} title={formatFull(call.start_us)}>{formatStarted(call.start_us)}</span>
    </div>
  );
});
