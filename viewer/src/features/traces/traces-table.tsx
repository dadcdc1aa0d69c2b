import { useVirtualizer } from "@tanstack/react-virtual";
import { type UIEvent, useCallback, useEffect, useRef } from "react";

import type { ListedRow, ProjectId } from "@/api/queries";
import type { Column, Sort } from "@/lib/columns";
import { plural } from "@/lib/number";
import { useInSight } from "@/ui/use-in-sight";
import { useKeptPlace } from "@/ui/use-kept-place";

import { HeadRow } from "./head-row";
import { TraceRow } from "./trace-row";
import styles from "./traces.module.css";
import { useColumnTable } from "./use-columns";
import type { Selecting } from "./use-selection";

const ROW = 34;

interface Props {
  p: ProjectId;
  /** Says which calls are listed. */
  of: string;
  columns: readonly Column[];
  sort: Sort;
  selecting: Selecting;
  onColumns: ((columns: Column[]) => void) | undefined;
  onSort: ((sort: string | undefined) => void) | undefined;
  rows: readonly ListedRow[];
  waiting: number;
  selected: string | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  onSelect: (call: ListedRow) => void;
  onOpen: (call: ListedRow) => void;
  onMore: () => void;
  onAway: (isAway: boolean) => void;
  onRelease: () => void;
}

export function TracesTable({ p, of, columns, sort, selecting, onColumns, onSort, rows, waiting, selected, hasMore, isLoadingMore, onSelect, onOpen, onMore, onAway, onRelease }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { top, isKept } = useKeptPlace(scroller, of);
  const virtual = useVirtualizer({ initialOffset: top, count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, getItemKey: (i) => rows[i]?.id ?? i });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && lastShown >= rows.length - 15) onMore();
  }, [hasMore, isLoadingMore, lastShown, onMore, rows.length]);

  const at = rows.findIndex((row) => row.id === selected);
  useInSight(virtual, at, selected, isKept);

  const arranged = useColumnTable(columns);
  const latest = useRef(rows);
  useEffect(() => { latest.current = rows; }, [rows]);
  const { toggle, ids, isAll } = selecting;
  const check = useCallback((call: ListedRow, isRange: boolean) => { toggle(call, latest.current, isRange); }, [toggle]);
  const checked = isAll ? rows.length : rows.filter((row) => ids.has(row.id)).length;
  const toTop = () => {
    onRelease();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className={styles.list} data-selecting={checked > 0 || undefined} style={{ "--tracks": arranged.template, "--least": `${arranged.least}px` }}>
      {waiting > 0 && <button type="button" className={styles.pill} onClick={toTop}>↑ {plural(waiting, "new trace")}</button>}
      <div ref={scroller} className={styles.scroller} role="grid" aria-label="Traces" aria-rowcount={hasMore ? -1 : rows.length + 1} tabIndex={0} aria-activedescendant={selected === undefined ? undefined : `call-${selected}`}
        onScroll={(event: UIEvent<HTMLDivElement>) => { onAway(event.currentTarget.scrollTop > ROW); }}>
        <HeadRow columns={columns} arranged={arranged} sort={sort} isAllChecked={checked === rows.length ? true : checked > 0 ? "some" : false} onColumns={onColumns} onSort={onSort} onCheckAll={() => { selecting.toggleAll(rows); }} />
        <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const call = rows[item.index];
            return call && <TraceRow key={call.id} p={p} call={call} columns={arranged.placed} isChecked={isAll || ids.has(call.id)} onCheck={check} top={item.start} index={item.index} isSelected={call.id === selected} onSelect={onSelect} onOpen={onOpen} />;
          })}
        </div>
        {sort.field !== "started_at" && <p className={styles.more}>The first {plural(rows.length, "call")} of this order. Narrow the search to see others.</p>}
        {isLoadingMore && <p className={styles.more} role="status">Loading older traces…</p>}
      </div>
    </div>
  );
}
