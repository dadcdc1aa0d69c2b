import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import { tableRowsQuery } from "@/api/table-queries";
import type { TableRows } from "@/api/types";
import { partsOfRow } from "@/api/value-parts";
import { isObject } from "@/lib/json";
import { plural } from "@/lib/number";
import { summarize } from "@/lib/summary";
import { JsonView } from "@/ui/json-view";
import { Gate, MoreFailed } from "@/ui/notices";
import { ValuePartsOf } from "@/ui/value-parts";

import styles from "./objects.module.css";

const ROW = 34;
const MOST_COLUMNS = 24;
/** The path of a row in what comes in parts. */
const VALUE = ["value"];

export function DatasetRows({ digest, total }: { digest: string; total: number }) {
  const query = useInfiniteQuery(tableRowsQuery(digest));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows), [query.data]);
  return (
    <section aria-label="Rows">
      <h2 className={styles.rowsTitle}>{plural(total, "row")}</h2>
      <Gate query={{ ...query, data: rows }} what="The rows">
        {(known) => <><RowsTable digest={digest} rows={known} total={total} hasMore={query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError} onMore={() => void query.fetchNextPage()} /><MoreFailed query={query} what="More rows" /></>}
      </Gate>
    </section>
  );
}

interface Props {
  digest: string;
  rows: TableRows["rows"];
  total: number;
  hasMore: boolean;
  onMore: () => void;
}

function RowsTable({ digest, rows, total, hasMore, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number | null>(null);
  const all = useMemo(() => columnsOf(rows), [rows]);
  const columns = useMemo(() => all.slice(0, MOST_COLUMNS), [all]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12 });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - 20) onMore();
  }, [hasMore, lastShown, onMore, rows.length]);
  const template = useMemo(() => ({ gridTemplateColumns: `44px ${columns.map((column) => `minmax(90px, ${weightOf(rows, column)}fr)`).join(" ")}`, minWidth: 56 + columns.length * 102 }), [columns, rows]);
  return (
    <>
      {all.length > columns.length && <p className="dim small">{plural(all.length, "column")}, of which the first {columns.length} are shown: a click on a row shows all of it.</p>}
      <div ref={scroller} className={styles.rows} role="table" aria-label="Rows of the dataset" aria-rowcount={total + 1} tabIndex={0}>
        <div className={`${styles.row} ${styles.rowHead}`} role="row" style={template}>
          <span role="columnheader">#</span>
          {columns.map((column) => <span key={column} role="columnheader">{column}</span>)}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row && (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={styles.place} style={{ transform: `translateY(${item.start}px)` }}>
                <div className={styles.row} role="row" aria-rowindex={row.index + 2} style={template} onClick={() => { setOpen(open === row.index ? null : row.index); }}>
                  <span role="cell"><button type="button" aria-expanded={open === row.index} aria-label={`Row ${row.index}`}>{row.index}</button></span>
                  {columns.map((column) => <span key={column} role="cell">{summarize(cellOf(row.value, column))}</span>)}
                </div>
                {open === row.index && <div className={styles.openRow}><ValuePartsOf value={partsOfRow(digest, row)}><JsonView value={row.value} path={VALUE} /></ValuePartsOf></div>}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

const ONLY = "value";
const cellOf = (value: unknown, column: string) => (isObject(value) ? value[column] : column === ONLY ? value : undefined);

/** Short columns leave their room to long ones. */
function weightOf(rows: TableRows["rows"], column: string): number {
  const lengths = rows.slice(0, 50).map((row) => summarize(cellOf(row.value, column)).length);
  return Math.min(Math.max(10, ...lengths), 60);
}

/** The fields of the first rows. A row with others shows them when it is opened. */
function columnsOf(rows: TableRows["rows"]): string[] {
  const names = new Set(rows.slice(0, 50).flatMap((row) => (isObject(row.value) ? Object.keys(row.value) : [ONLY])));
  return [...names];
}
