import { lazy, Suspense, useState } from "react";

import type { RangedAxis } from "@/lib/ranges";

import { Button } from "./button";
import { ChartRanges } from "./chart-ranges";
import styles from "./chart.module.css";
import type { ChartOption, Ink, Ranges } from "./chart-canvas";
import table from "./table.module.css";

export type { ChartOption, Ink, Ranges } from "./chart-canvas";

const ChartCanvas = lazy(async () => ({ default: (await import("./chart-canvas")).ChartCanvas }));

export interface ChartProps {
  /** What it shows, for those who cannot see it. */
  label: string;
  /** An ECharts option of the kinds in `chart-canvas`, in the colours of the page; keep it stable (useCallback): a new one draws anew. */
  option: (ink: Ink) => ChartOption;
  /** The same numbers in words. */
  table: { columns: readonly string[]; rows: () => readonly (readonly string[])[] };
  height?: number;
  /** Lets a rectangle be brushed, or the axes of a parallel plot: ranges by the id of the axis; none when it is cleared. */
  onBrush?: (ranges: Ranges) => void;
  /** The axes that are brushed, for those who have no pointer; `isRectangle` when two are brushed as one. */
  axes?: readonly RangedAxis[];
  isRectangle?: boolean;
  /** What is brushed now. */
  brushed?: Ranges;
  /** The data item, as the option has it, that was clicked. */
  onPick?: (item: { seriesIndex: number; dataIndex: number }) => void;
}

/** The one wrapper of the plotting library, which comes when the first plot is shown. */
const NOTHING: Ranges = {};

export function Chart({ table: numbers, height = 300, axes, isRectangle = false, ...rest }: ChartProps) {
  const [isTable, setTable] = useState(false);
  const [isRanged, setRanged] = useState(false);
  const { onBrush, brushed = NOTHING } = rest;
  return (
    <figure className={styles.chart}>
      {isTable ? <NumbersTable label={rest.label} columns={numbers.columns} rows={numbers.rows()} height={height} /> : <Suspense fallback={<div style={{ height }} />}><ChartCanvas {...rest} height={height} /></Suspense>}
      <figcaption>{axes && onBrush && <Button look="quiet" aria-expanded={isRanged} onClick={() => { setRanged(!isRanged); }}>Choose ranges</Button>}<Button look="quiet" aria-pressed={isTable} onClick={() => { setTable(!isTable); }}>{isTable ? "Show the plot" : "Show as a table"}</Button></figcaption>
      {isRanged && axes && onBrush && <ChartRanges axes={axes} isRectangle={isRectangle} brushed={brushed} onBrush={onBrush} />}
    </figure>
  );
}

function NumbersTable({ label, columns, rows, height }: { label: string; columns: readonly string[]; rows: readonly (readonly string[])[]; height: number }) {
  return (
    <div className={styles.numbers} style={{ height }} tabIndex={0} role="region" aria-label={label}>
      <table className={table.table}>
        <thead><tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
