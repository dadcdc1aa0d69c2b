import { type KeyboardEvent, type MouseEvent, type TouchEvent, useEffect, useRef } from "react";
import { flushSync } from "react-dom";

import { aboutColumn, type Column, moveColumn, nextSort, placeColumn, type Sort, widenColumn } from "@/lib/columns";

import styles from "./traces.module.css";
import type { useColumnTable } from "./use-columns";

const STEP = 16;

interface Props {
  columns: readonly Column[];
  arranged: ReturnType<typeof useColumnTable>;
  sort: Sort;
  isAllChecked: boolean | "some";
  onColumns: ((columns: Column[]) => void) | undefined;
  onSort: ((sort: string | undefined) => void) | undefined;
  onCheckAll: () => void;
}

/** Heads sort by a click, move by dragging or Shift and arrows, and are widened at their end. */
export function HeadRow({ columns, arranged, sort, isAllChecked, onColumns, onSort, onCheckAll }: Props) {
  const { table, placed, setDragged, dragged, sizes } = arranged;
  const headers = new Map(table.getFlatHeaders().map((header) => [header.column.id, header]));
  const resizing = [...headers.values()].find((header) => header.column.getIsResizing())?.column.id;
  const moving = useRef<string | null>(null);
  const last = useRef<string | undefined>(undefined);

  // The address says how wide a column is once it is let go.
  useEffect(() => {
    const done = last.current;
    last.current = resizing;
    const width = done === undefined ? undefined : dragged[done];
    if (done === undefined || resizing !== undefined || width === undefined) return;
    onColumns?.(widenColumn(columns, done, width));
    setDragged({});
  }, [columns, dragged, onColumns, resizing, setDragged]);

  const startResize = (id: string, event: MouseEvent | TouchEvent) => {
    const head = event.currentTarget.parentElement;
    // A column that grows has no width of its own yet: it starts from what it has on the screen.
    if (head !== null) flushSync(() => { setDragged({ ...sizes, [id]: head.offsetWidth }); });
    headers.get(id)?.getResizeHandler()(event);
  };
  const onKey = (id: string, event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step === 0 || !event.shiftKey) return;
    event.preventDefault();
    onColumns?.(moveColumn(columns, id, step));
  };
  return (
    <div className={`${styles.row} ${styles.head}`} role="row" aria-rowindex={1}>
      <span role="columnheader" className={styles.check}><input type="checkbox" aria-label="Select all that are loaded" checked={isAllChecked === true} ref={(box) => { if (box) box.indeterminate = isAllChecked === "some"; }} onChange={onCheckAll} /></span>
      <span role="columnheader" className={styles.dot}><span className="sr">Status</span></span>
      {placed.map(({ id, isPinned, isNumber, style }) => {
        const { label, sort: field } = aboutColumn(id);
        const isSorted = field === sort.field;
        const width = sizes[id] ?? aboutColumn(id).width;
        return (
          <span key={id} role="columnheader" className={styles.headCell} data-pinned={isPinned || undefined} data-number={isNumber || undefined} style={style} aria-sort={isSorted ? (sort.direction === "desc" ? "descending" : "ascending") : undefined}
            onDragOver={(event) => { if (moving.current !== null) event.preventDefault(); }}
            onDrop={(event) => { event.preventDefault(); if (moving.current !== null) onColumns?.(placeColumn(columns, moving.current, id)); moving.current = null; }}>
            <button type="button" draggable={onColumns !== undefined} title={field === undefined || !onSort ? label : `Sort by ${label}`} disabled={onSort === undefined}
              onDragStart={(event) => { moving.current = id; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", id); }} onDragEnd={() => { moving.current = null; }}
              onKeyDown={(event) => { onKey(id, event); }} onClick={() => { if (field !== undefined) onSort?.(nextSort(sort, field)); }}>
              {label}{isSorted && <i aria-hidden="true">{sort.direction === "desc" ? " ↓" : " ↑"}</i>}
            </button>
            {onColumns && (
              <span className={styles.resize} role="separator" aria-orientation="vertical" aria-label={`Width of ${label}`} aria-valuenow={width} tabIndex={0} onMouseDown={(event) => { startResize(id, event); }} onTouchStart={(event) => { startResize(id, event); }}
                onKeyDown={(event) => {
                  const step = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
                  if (step === 0) return;
                  event.preventDefault();
                  onColumns(widenColumn(columns, id, (sizes[id] ?? event.currentTarget.parentElement?.offsetWidth ?? width) + step));
                }} />
            )}
          </span>
        );
      })}
    </div>
  );
}
