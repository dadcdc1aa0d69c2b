import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";

import type { SqlResult } from "@/api/types";
import { csvOf } from "@/lib/csv";
import { plural } from "@/lib/number";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Segments } from "@/ui/fields";
import { saveFile } from "@/ui/save-file";

import { plotOf, SqlPlot } from "./sql-plot";
import styles from "./sql.module.css";

const ROW = 28;
const LEAST = 8;
const MOST = 60;
const PADDING = 3; // 20 pixels

type Value = SqlResult["rows"][number][number];

const textOf = (value: Value): string => (value === null ? "" : typeof value === "number" ? String(value) : value);

/** Wide enough for what is in the first rows, and no wider than a long text needs to be told from others. */
function widthsOf(result: SqlResult): number[] {
  const sample = result.rows.slice(0, 200);
  return result.columns.map((name, i) => Math.min(Math.max(LEAST, name.length, ...sample.map((row) => textOf(row[i] ?? null).length)) + PADDING, MOST));
}

export function SqlResults({ result }: { result: SqlResult }) {
  const [isPlot, setPlot] = useState(false);
  const plot = useMemo(() => plotOf(result), [result]);
  const took = result.seconds < 1 ? `${(result.seconds * 1000).toFixed(0)} ms` : `${result.seconds.toFixed(1)} s`;
  const csv = () => csvOf(result.columns, result.rows);
  return (
    <section className={styles.results} aria-label="Result">
      <div className={styles.bar}>
        {plot !== null && <Segments label="Show as" value={isPlot ? "plot" : "table"} options={[{ value: "table", label: "Table" }, { value: "plot", label: "Plot" }]} onChange={(which) => { setPlot(which === "plot"); }} />}
        <span role="status">{result.more ? `The first ${plural(result.rows.length, "row")}` : plural(result.rows.length, "row")} in {took}</span>
        {result.more && <span className="dim small">There are more: add a limit or a condition, or use <code>weavelite sql --json</code>.</span>}
        {result.rows.length > 0 && <span className={styles.takes}><CopyButton text={csv()} label="Copy as CSV" /><Button look="quiet" onClick={() => { saveFile("result.csv", "text/csv", csv()); }}>Save CSV</Button></span>}
      </div>
      {result.columns.length === 0 ? <p className={`${styles.hint} mid`}>The statement has no result.</p> : isPlot && plot !== null ? <div className={styles.plot}><SqlPlot result={result} {...plot} /></div> : <Rows result={result} />}
    </section>
  );
}

function Rows({ result }: { result: SqlResult }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: result.rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 20 });
  const widths = useMemo(() => widthsOf(result), [result]);
  const numeric = useMemo(() => result.columns.map((_, i) => result.rows.some((row) => typeof row[i] === "number")), [result]);
  const columns = widths.map((width) => `min(${width}ch, 55vw)`).join(" "); // on a phone no column hides all others
  return (
    <div ref={scroller} className={styles.grid} role="table" aria-label="Rows" aria-rowcount={result.rows.length + 1} tabIndex={0}>
      <div className={styles.head} role="row" style={{ gridTemplateColumns: columns }}>{result.columns.map((name, i) => <span key={i} role="columnheader" data-number={numeric[i]} title={name}>{name}</span>)}</div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className={styles.row} role="row" aria-rowindex={item.index + 2} style={{ gridTemplateColumns: columns, transform: `translateY(${item.start}px)` }}>
            {result.rows[item.index]?.map((value, i) => <span key={i} role="cell" data-number={typeof value === "number"} title={textOf(value)}>{value === null ? <i className="dim">null</i> : textOf(value).slice(0, 500)}</span>)}
          </div>
        ))}
      </div>
    </div>
  );
}
