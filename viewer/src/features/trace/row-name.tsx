import type { CallHeader } from "@/api/types";
import { formatCount } from "@/lib/number";
import type { TreeNode } from "@/lib/tree";
import { KindMark, StatusDot } from "@/ui/marks";
import { Marked } from "@/ui/marked";

import styles from "./trace.module.css";

const INDENT = 16;
/** Deeper calls are not indented further: their names would leave the column. */
const MOST_INDENT = 9;

interface Props {
  node: TreeNode<CallHeader>;
  isFolded: boolean;
  wanted: string;
  onFold: (id: string, isFolded: boolean) => void;
}

/** Where a call stands in the tree, of what kind it is, its name, and how it went. */
export function RowName({ node, isFolded, wanted, onFold }: Props) {
  const { call, children, depth, below } = node;
  return (
    <span className={styles.call} style={{ paddingLeft: Math.min(depth, MOST_INDENT) * INDENT }} title={`${call.op_name}${call.error === null ? "" : `\n${call.error}`}`}>
      {children.length > 0
        ? <button type="button" tabIndex={-1} className={styles.fold} aria-label={isFolded ? "Unfold" : "Fold"} data-open={!isFolded} onClick={(event) => { event.stopPropagation(); onFold(call.id, !isFolded); }} />
        : <i className={styles.fold} />}
      {depth > MOST_INDENT && <span className={styles.deep}>{depth}</span>}
      <KindMark kind={call.kind} />
      <span className={styles.callName}><Marked text={call.display_name ?? call.op_name} wanted={wanted} /></span>
      {isFolded && below > 0 && <span className={styles.below}>+{formatCount(below)}</span>}
      {call.status !== "success" && <StatusDot status={call.status} />}
    </span>
  );
}
