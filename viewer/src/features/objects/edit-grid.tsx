import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import { type Cut, isCutIn } from "@/lib/cuts";
import { type Edits, textOfCell, withAddedCell, withCell, withDeleted } from "@/lib/edits";
import { isObject } from "@/lib/json";

import { EditCell, UnreadCell } from "./edit-cell";
import styles from "./objects.module.css";

export interface EditRow {
  index: number;
  value: unknown;
  /** Where only the start of it is here. */
  cuts: readonly Cut[];
}

interface Props {
  rows: readonly EditRow[];
  columns: readonly string[];
  edits: Edits;
  onEdits: (edits: Edits) => void;
  /** Reads all of a row. */
  onRead: (index: number) => Promise<void>;
  hasMore: boolean;
  onMore: () => void;
}

/** The width of a column where there are more than fit. */
const WIDE = 150;
const FIRST = 76;

/** New rows come first, where they are seen; of the others, and of many columns, only what is in sight is drawn. */
export function EditGrid({ rows, columns, edits, onEdits, onRead, hasMore, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const count = edits.added.length + rows.length;
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => 35, overscan: 10 });
  const across = useVirtualizer({ horizontal: true, count: columns.length, getScrollElement: () => scroller.current, estimateSize: () => WIDE, overscan: 3, paddingStart: FIRST });
  const items = virtual.getVirtualItems();
  const inSight = across.getVirtualItems().flatMap(({ index }) => { const column = columns[index]; return column === undefined ? [] : [{ column, at: index + 2 }]; });
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (hasMore && last >= count - 20) onMore(); }, [hasMore, last, count, onMore]);
  const wide = Math.max(columns.length, 1);
  const template = { gridTemplateColumns: `${FIRST}px repeat(${wide}, minmax(${WIDE}px, 1fr))`, minWidth: FIRST + WIDE * wide };
  return (
    <div ref={scroller} className={`${styles.rows} ${styles.grid}`} role="table" aria-label="Rows to edit" aria-rowcount={count + 1} aria-colcount={columns.length + 1}>
      <div className={`${styles.row} ${styles.rowHead}`} role="row" style={template}>
        <span role="columnheader">#</span>
        {inSight.map(({ column, at }) => <span key={column} role="columnheader" aria-colindex={at} style={{ gridColumn: at }} title={column}>{column}{column in edits.columns && <em> new</em>}</span>)}
        {columns.length === 0 && <span role="columnheader" className="dim">no column yet</span>}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const added = item.index < edits.added.length ? item.index : null;
          const row = added === null ? rows[item.index - edits.added.length] : undefined;
          const place = row?.index ?? 0;
          const isGone = row !== undefined && edits.deleted.has(place);
          const state = added !== null ? "new" : isGone ? "deleted" : undefined;
          return (
            <div key={added === null ? `row ${place}` : `new ${added}`} className={`${styles.place} ${styles.row}`} data-index={item.index} data-state={state} role="row" style={{ ...template, transform: `translateY(${item.start}px)` }}>
              <span role="cell">
                {added === null ? place : <em>new</em>}
                <button type="button" aria-label={added !== null ? `Take away new row ${added + 1}` : isGone ? `Keep row ${place}` : `Delete row ${place}`} onClick={() => { onEdits(added !== null ? { ...edits, added: edits.added.filter((_, i) => i !== added) } : withDeleted(edits, place)); }}>{isGone ? "↶" : "×"}</button>
              </span>
              {inSight.map(({ column, at }) => {
                const before = isObject(row?.value) ? row.value[column] : undefined;
                const typed = added !== null ? edits.added[added]?.[column] : edits.cells.get(place)?.[column];
                const shown = typed ?? (before === undefined ? (edits.columns[column] ?? "") : textOfCell(before));
                const label = `${column} of ${added !== null ? `new row ${added + 1}` : `row ${place}`}`;
                return (
                  <span key={column} role="cell" aria-colindex={at} style={{ gridColumn: at }} data-changed={added === null && typed !== undefined}>
                    {row !== undefined && isCutIn(row.cuts, ["value", column])
                      ? <UnreadCell label={label} start={shown} disabled={isGone} onRead={() => onRead(place)} />
                      : <EditCell label={label} value={shown} disabled={isGone} onChange={(text) => { onEdits(added !== null ? withAddedCell(edits, added, column, text) : withCell(edits, place, column, text, before)); }} />}
                  </span>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}
