import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

import type { CallHeader } from "@/api/types";
import type { TreeNode } from "@/lib/tree";
import { useKeys } from "@/ui/use-keys";

import styles from "./trace.module.css";

const ROW = 28;

export interface Folding {
  rows: readonly TreeNode<CallHeader>[];
  collapsed: ReadonlySet<string>;
  onCollapse: (collapsed: ReadonlySet<string>) => void;
}

interface Props extends Folding {
  selected: string;
  onSelect: (id: string) => void;
  children: (node: TreeNode<CallHeader>, top: number, onFold: (id: string, isFolded: boolean) => void, index: number) => ReactNode;
  onRange?: (first: number, last: number) => void;
}

/** Asked first, since even a scroll to where the list is costs a look at all places of the page. */
function isInSight(at: number, { scrollOffset, scrollRect }: { scrollOffset: number | null; scrollRect: { height: number } | null }): boolean {
  if (scrollRect === null) return at === 0;
  const top = at * ROW - (scrollOffset ?? 0);
  return top >= 0 && top + ROW <= scrollRect.height;
}

/** The rows of a tree, of which only those in sight are drawn, and the keys that walk and fold it. */
export function CallRows({ rows, collapsed, onCollapse, selected, onSelect, children, onRange }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 16 });
  const at = rows.findIndex((row) => row.call.id === selected);
  const fold = (id: string, isFolded: boolean) => {
    const next = new Set(collapsed);
    if (isFolded) next.add(id);
    else next.delete(id);
    onCollapse(next);
  };
  const move = (step: number) => {
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (row) onSelect(row.call.id);
  };
  // A linked call is shown with what is around it; from then on the list moves no more than it must.
  const isSettled = useRef(false);
  useEffect(() => {
    if (at >= 0 && !isInSight(at, virtual)) virtual.scrollToIndex(at, { align: isSettled.current ? "auto" : "center" });
    isSettled.current = true;
  }, [at, virtual]);
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  useEffect(() => { onRange?.(first, last); }, [onRange, first, last]);
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    h: () => { fold(selected, true); }, l: () => { fold(selected, false); }, ArrowLeft: () => { fold(selected, true); }, ArrowRight: () => { fold(selected, false); },
  });
  return (
    <div ref={scroller} className={styles.rows} role="tree" aria-label="Calls of this trace" tabIndex={0} aria-activedescendant={at >= first && at <= last ? `call-${selected}` : undefined}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const node = rows[item.index];
          return node && children(node, item.start, fold, item.index);
        })}
      </div>
      {rows.length === 0 && <p className={styles.none}>No call of this trace matches.</p>}
    </div>
  );
}
