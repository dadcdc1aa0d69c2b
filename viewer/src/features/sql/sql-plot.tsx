import { useCallback, useMemo } from "react";

import type { SqlResult } from "@/api/types";
import { Chart, type ChartOption, type Ink } from "@/ui/chart";

const MOST_LINES = 6;
const MOST_BARS = 200;
/** So high is the bar of a name, with its label. */
const BAND_PX = 22;
const FEW_PX = 360;
const LABEL_PX = 130;
const TIME = /^\d{4}-\d{2}(-\d{2})?/;

/** Which columns can be plotted: the first that is no number names the places, the numbers are drawn. */
export function plotOf({ columns, rows }: SqlResult): { x: number; ys: number[] } | null {
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === "number") && rows.every((row) => typeof row[i] === "number" || row[i] === null));
  const ys = columns.flatMap((_, i) => (isNumber[i] ? [i] : [])).slice(0, MOST_LINES);
  const x = isNumber.indexOf(false);
  return rows.length < 2 || ys.length === 0 || x === -1 ? null : { x, ys };
}

/** Bars with each their name, however many, or lines where the places are times. */
export function SqlPlot({ result, x, ys }: { result: SqlResult; x: number; ys: readonly number[] }) {
  const rows = useMemo(() => result.rows.slice(0, MOST_BARS), [result]);
  const isTime = useMemo(() => rows.every((row) => TIME.test(String(row[x]))), [rows, x]);
  const names = ys.map((y) => result.columns[y] ?? "");
  const option = useCallback((ink: Ink): ChartOption => {
    const places = { type: "category" as const, data: rows.map((row) => String(row[x] ?? "null")), ...ink.axis, splitLine: { show: false } };
    const sizes = { type: "value" as const, ...ink.axis };
    const colors = [ink.color.accent, ink.color["k-llm"], ink.color["k-tool"], ink.color["k-retriever"], ink.color["k-embedding"], ink.color.ink3];
    return {
      grid: isTime ? { left: 64, right: 16, top: 34, bottom: 30 } : { left: LABEL_PX + 12, right: 24, top: 54, bottom: 10 },
      legend: { top: 4, left: 56, itemWidth: 10, itemHeight: 10, type: "scroll", textStyle: { color: ink.color.ink2, fontFamily: ink.font, fontSize: 11 } },
      ...(isTime ? { xAxis: places, yAxis: sizes } : { xAxis: { ...sizes, position: "top" as const }, yAxis: { ...places, inverse: true, axisLabel: { ...ink.axis.axisLabel, interval: 0, width: LABEL_PX, overflow: "truncate" } } }),
      tooltip: { trigger: "axis", formatter: (items) => { const all = Array.isArray(items) ? items : [items]; return ink.tip(String(all[0]?.name ?? ""), all.map((item) => [item.seriesName ?? "", typeof item.value === "number" ? String(item.value) : "null"] as const)); } },
      series: ys.map((y, i) => {
        const look = { name: result.columns[y] ?? "", data: rows.map((row) => row[y] as number | null), itemStyle: { color: colors[i % colors.length] ?? "" } };
        return isTime ? { type: "line" as const, ...look, symbolSize: 5 } : { type: "bar" as const, ...look, barMaxWidth: 24 };
      }),
    };
  }, [isTime, result, rows, x, ys]);
  const table = { columns: [result.columns[x] ?? "", ...names], rows: () => rows.map((row) => [String(row[x] ?? ""), ...ys.map((y) => String(row[y] ?? ""))]) };
  return <Chart label={`${names.join(", ")} by ${result.columns[x] ?? ""}`} option={option} table={table} height={isTime ? FEW_PX : Math.max(FEW_PX, 64 + rows.length * (BAND_PX + 4 * (ys.length - 1)))} />;
}
