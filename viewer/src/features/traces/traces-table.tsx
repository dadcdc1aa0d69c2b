import { useVirtualizer } from "@tanstack/react-virtual";
import { type UIEvent, useEffect, useRef } from "react";

import type { ListedCall } from "@/api/types";
import { plural } from "@/lib/number";

import { TraceRow } from "./trace-row";
import styles from "./traces.module.css";

const ROW = 34;

interface Props {
  rows: readonly ListedCall[];
  waiting: number;
  selected: string | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  isNarrow: boolean;
  onSelect: (call: ListedCall) => void;
  onOpen: (call: ListedCall) => void;
  onMore: () => void;
  onAway: (isAway: boolean) => void;
  onRelease: () => void;
}

export function TracesTable({ rows, waiting, selected, hasMore, isLoadingMore, isNarrow, onSelect, onOpen, onMore, onAway, onRelease }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, getItemKey: (i) => rows[i]?.id ?? i });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && lastShown >= rows.length - 15) onMore();
  }, [hasMore, isLoadingMore, lastShown, onMore, rows.length]);

  const at = rows.findIndex((row) => row.id === selected);
  useEffect(() => { if (at >= 0) virtual.scrollToIndex(at, { align: "auto" }); }, [at, virtual]);

  const isScored = rows.some((row) => row.reactions.length > 0 || Object.keys(row.scores).length > 0);
  const isPriced = rows.some((row) => row.sum_cost !== null);
  const toTop = () => {
    onRelease();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className={styles.list} data-narrow={isNarrow} data-scored={isScored} data-priced={isPriced}>
      {waiting > 0 && <button type="button" className={styles.pill} onClick={toTop}>↑ {plural(waiting, "new trace")}</button>}
      <div ref={scroller} className={styles.scroller} role="grid" aria-label="Traces" aria-rowcount={hasMore ? -1 : rows.length + 1} tabIndex={0} aria-activedescendant={selected === undefined ? undefined : `call-${selected}`}
        onScroll={(event: UIEvent<HTMLDivElement>) => { onAway(event.currentTarget.scrollTop > ROW); }}>
        <div className={`${styles.row} ${styles.head}`} role="row">
          <span role="columnheader"><span className="sr">Status</span></span>
          <span role="columnheader">Op</span>
          <span role="columnheader">Input</span>
          <span role="columnheader">Output</span>
          <span role="columnheader" className={styles.scores}>Scores</span>
          <span role="columnheader" className={styles.num}>Latency</span>
          <span role="columnheader" className={styles.tokens}>Σ tokens</span>
          <span role="columnheader" className={styles.cost}>Σ cost</span>
          <span role="columnheader" className={styles.started} aria-sort="descending">Started ↓</span>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const call = rows[item.index];
            return call && <TraceRow key={call.id} call={call} top={item.start} index={item.index} isSelected={call.id === selected} onSelect={onSelect} onOpen={onOpen} />;
          })}
        </div>
        {isLoadingMore && <p className={styles.more} role="status">Loading older traces…</p>}
      </div>
    </div>
  );
}
