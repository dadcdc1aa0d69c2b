import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import type { CallHeader } from "@/api/types";
import { criticalPath, heaviest } from "@/lib/critical-path";
import { formatCount, plural } from "@/lib/number";
import { formatDuration, formatTick, timeTicks } from "@/lib/time";
import { filterForest, timeBounds, type TreeNode, visibleRows } from "@/lib/tree";
import { Button } from "@/ui/button";
import { SearchBox } from "@/ui/fields";
import { cardClass } from "@/ui/page-bar";
import { useKeys } from "@/ui/use-keys";

import styles from "./trace.module.css";
import { TreeRow } from "./tree-row";

const ROW = 28;

interface Props {
  roots: readonly TreeNode<CallHeader>[];
  calls: readonly CallHeader[];
  nowUs: number;
  selected: string;
  filter: string;
  onFilter: (filter: string) => void;
  onSelect: (id: string) => void;
}

const nameOf = (call: CallHeader) => call.display_name ?? call.op_name;

export function CallTree({ roots, calls, nowUs, selected, filter, onFilter, onSelect }: Props) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const input = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => {
    const wanted = filter.toLowerCase();
    if (wanted === "") return visibleRows(roots, collapsed);
    const matches = (call: CallHeader) => [nameOf(call), call.op_name, call.status, call.error ?? "", call.model ?? ""].some((text) => text.toLowerCase().includes(wanted));
    return visibleRows(filterForest(roots, matches), collapsed);
  }, [roots, collapsed, filter]);
  const bounds = useMemo(() => timeBounds(calls, nowUs), [calls, nowUs]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 16 });

  const fold = (id: string, isFolded: boolean) => {
    const next = new Set(collapsed);
    if (isFolded) next.add(id);
    else next.delete(id);
    setCollapsed(next);
  };
  const at = rows.findIndex((row) => row.call.id === selected);
  const move = (step: number) => {
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (row) onSelect(row.call.id);
  };
  // A linked call is shown with what is around it; from then on the list moves no more than it must.
  const isSettled = useRef(false);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: isSettled.current ? "auto" : "center" });
    isSettled.current = true;
  }, [at, virtual]);
  useKeys({
    "/": () => { input.current?.focus(); input.current?.select(); },
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    h: () => { fold(selected, true); }, l: () => { fold(selected, false); }, ArrowLeft: () => { fold(selected, true); }, ArrowRight: () => { fold(selected, false); },
  });
  const errors = calls.filter((call) => call.status === "error").length;
  const hasTokens = roots.some((root) => root.call.sum_tokens !== null);
  const isPriced = roots.some((root) => root.call.sum_cost !== null);
  const foldable = calls.length > 1;

  return (
    <section className={styles.tree} aria-label="Calls" data-tokens={hasTokens} data-priced={isPriced}>
      <div className={styles.treeBar}>
        <SearchBox inputRef={input} label="Filter calls" value={filter} hint="/" onChange={onFilter} />
        {foldable && <Button onClick={() => { setCollapsed(new Set()); }}>Unfold all</Button>}
        {foldable && <Button onClick={() => { setCollapsed(new Set(visibleRows(roots, new Set()).filter((row) => row.depth > 0 && row.children.length > 0).map((row) => row.call.id))); }}>Fold all</Button>}
      </div>
      <div className={`${styles.line} ${styles.axis}`}>
        <span>{filter === "" ? plural(calls.length, "call") : `${formatCount(rows.length)} of ${plural(calls.length, "call")}`}{errors > 0 && <span className={styles.bad}> · {plural(errors, "error")}</span>}</span>
        <span className={styles.ticks}>{timeTicks(bounds.total).map((tick) => <i key={tick} style={{ left: `${(tick / bounds.total) * 100}%` }}>{formatTick(tick, bounds.total)}</i>)}</span>
        <span className={styles.num}>time</span>
        <span className={`${styles.num} ${styles.tokens}`}>Σ tokens</span>
        <span className={`${styles.num} ${styles.cost}`}>Σ cost</span>
      </div>
      <div ref={scroller} className={styles.rows} role="tree" aria-label="Calls of this trace" tabIndex={0} aria-activedescendant={`call-${selected}`}>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const node = rows[item.index];
            return node && <TreeRow key={node.call.id} node={node} top={item.start} bounds={bounds} nowUs={nowUs} isSelected={node.call.id === selected} isFolded={collapsed.has(node.call.id)} onSelect={onSelect} onFold={fold} />;
          })}
        </div>
        {rows.length === 0 && <p className={styles.none}>No call of this trace matches.</p>}
        {filter === "" && <WaitedFor roots={roots} />}
      </div>
    </section>
  );
}

/** Says where the time of a finished trace went. */
function WaitedFor({ roots }: { roots: readonly TreeNode<CallHeader>[] }) {
  const root = roots[0];
  const heavy = useMemo(() => (root === undefined ? [] : heaviest(criticalPath(root), nameOf)), [root]);
  if (root === undefined || root.call.end_us === null || root.children.length === 0 || roots.length > 1) return null;
  const parts = heavy.map((part) => <span key={part.name}>{formatDuration(part.us)} <em>{part.name}</em>{part.calls > 1 && ` in ${plural(part.calls, "call")}`}</span>);
  return <p className={`${cardClass} ${styles.path}`}><b>Critical path</b>{formatDuration(root.call.end_us - root.call.start_us)}, of which {parts}</p>;
}
