import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import { type Edits, textOfCell, withAddedCell, withCell, withDeleted } from "@/lib/edits";
import { isObject } from "@/lib/json";

import styles from "./objects.module.css";

export interface EditRow {
  index: number;
  value: unknown;
}

interface Props {
  rows: readonly EditRow[];
  columns: readonly string[];
  edits: Edits;
  onEdits: (edits: Edits) => void;
  hasMore: boolean;
  onMore: () => void;
}

/** New rows come first, where they are seen; of the others only what is in sight is drawn. */
export function EditGrid({ rows, columns, edits, onEdits, hasMore, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const count = edits.added.length + rows.length;
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => 35, overscan: 10 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (hasMore && last >= count - 20) onMore(); }, [hasMore, last, count, onMore]);
  const wide = Math.max(columns.length, 1);
  const template = { gridTemplateColumns: `76px repeat(${wide}, minmax(130px, 1fr))`, minWidth: 76 + 130 * wide };
  return (
    <div ref={scroller} className={`${styles.rows} ${styles.grid}`} role="table" aria-label="Rows to edit" aria-rowcount={count + 1}>
      <div className={`${styles.row} ${styles.rowHead}`} role="row" style={template}>
        <span role="columnheader">#</span>
        {columns.map((column) => <span key={column} role="columnheader">{column}{column in edits.columns && <em> new</em>}</span>)}
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
              {columns.map((column) => {
                const before = isObject(row?.value) ? row.value[column] : undefined;
                const typed = added !== null ? edits.added[added]?.[column] : edits.cells.get(place)?.[column];
                const shown = typed ?? (before === undefined ? (edits.columns[column] ?? "") : textOfCell(before));
                return (
                  <span key={column} role="cell" data-changed={added === null && typed !== undefined}>
                    <input aria-label={`${column} of ${added !== null ? `new row ${added + 1}` : `row ${place}`}`} disabled={isGone} value={shown} spellCheck={false} title={shown.length > 30 ? shown : undefined}
                      onChange={(event) => { onEdits(added !== null ? withAddedCell(edits, added, column, event.target.value) : withCell(edits, place, column, event.target.value, before)); }} />
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
