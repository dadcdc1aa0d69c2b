import { memo } from "react";

import type { CallHeader } from "@/api/types";
import { formatCost, formatCount, formatSumTokens } from "@/lib/number";
import { durationOf, formatDuration } from "@/lib/time";
import type { TreeNode } from "@/lib/tree";
import { kindColor, KindMark, StatusDot } from "@/ui/marks";

import styles from "./trace.module.css";

const INDENT = 16;
/** Deeper calls are not indented further: their names would leave the column. */
const MOST_INDENT = 9;

interface Props {
  node: TreeNode<CallHeader>;
  top: number;
  bounds: { start: number; total: number };
  nowUs: number;
  isSelected: boolean;
  isFolded: boolean;
  onSelect: (id: string) => void;
  onFold: (id: string, isFolded: boolean) => void;
}

export const TreeRow = memo(function TreeRow({ node, top, bounds, nowUs, isSelected, isFolded, onSelect, onFold }: Props) {
  const { call, children, depth, below } = node;
  const left = ((call.start_us - bounds.start) / bounds.total) * 100;
  const width = (((call.end_us ?? nowUs) - call.start_us) / bounds.total) * 100;
  const hasChildren = children.length > 0;
  return (
    <div id={`call-${call.id}`} className={styles.line} role="treeitem" aria-level={depth + 1} aria-selected={isSelected} aria-expanded={hasChildren ? !isFolded : undefined}
      style={{ transform: `translateY(${top}px)` }} onClick={() => { onSelect(call.id); }}>
      <span className={styles.call} style={{ paddingLeft: Math.min(depth, MOST_INDENT) * INDENT }} title={`${call.op_name}${call.error === null ? "" : `\n${call.error}`}`}>
        {hasChildren
          ? <button type="button" tabIndex={-1} className={styles.fold} aria-label={isFolded ? "Unfold" : "Fold"} data-open={!isFolded} onClick={(event) => { event.stopPropagation(); onFold(call.id, !isFolded); }} />
          : <i className={styles.fold} />}
        <KindMark kind={call.kind} />
        <span className={styles.callName}>{call.display_name ?? call.op_name}</span>
        {isFolded && below > 0 && <span className={styles.below}>+{formatCount(below)}</span>}
        {call.status !== "success" && <StatusDot status={call.status} />}
      </span>
      <span className={styles.track}><i style={{ left: `${left}%`, width: `${Math.max(width, 0)}%`, background: kindColor(call.kind), opacity: hasChildren ? 0.34 : 0.95 }} data-open={call.end_us === null} /></span>
      <span className={`${styles.num} mid`}>{formatDuration(durationOf(call))}</span>
      <span className={`${styles.num} ${styles.tokens} dim`}>{formatSumTokens(call)}</span>
      <span className={`${styles.num} ${styles.cost} dim`}>{formatCost(call)}</span>
    </div>
  );
});
