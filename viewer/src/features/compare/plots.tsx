import { useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import type { Outline } from "@/api/types";
import { formatMetric, plural } from "@/lib/number";
import { isScore, type Sorted } from "@/lib/outline";
import { type Axis, formatAxis, formatPick, parseAxis, parsePick, valueAt } from "@/lib/picks";
import { boundsOf, type RangedAxis } from "@/lib/ranges";
import { shortName } from "@/lib/verdict";
import { Chart, type ChartOption, type Ink, type Ranges } from "@/ui/chart";
import { Select } from "@/ui/fields";
import { cardClass } from "@/ui/page-bar";

import styles from "./compare.module.css";
import { FROM, useChange } from "./use-comparison";

interface Props {
  kind: "scatter" | "parallel";
  outline: Outline;
  sorted: readonly Sorted[];
  focused: number | undefined;
}

/** What is brushed stands in the address, and the rows below are those in it. */
export function Plots({ kind, ...rest }: Props) {
  if (rest.outline.measures.length === 0) return <p className="dim">No row has a number yet.</p>;
  return kind === "scatter" ? <Scatter {...rest} /> : <Parallel {...rest} />;
}

type PlotProps = Omit<Props, "kind">;

const colorOf = (ink: Ink, group: string) => (group === "improved" ? ink.color.good : group === "regressed" ? ink.color.bad : group === "mixed" ? ink.color.warn : ink.color.ink3);
const nameOf = (outline: Outline, axis: Axis) => `${shortName(axis.metric)}${outline.calls.length > 1 ? ` · ${outline.comparison.labels[axis.run] ?? ""}` : ""}`;
const kindOf = (outline: Outline, axis: Axis) => outline.measures.find((measure) => measure.name === axis.metric)?.kind ?? "number";

function useAxes(outline: Outline, focused: number | undefined): [Axis, Axis] {
  const { x, y } = useSearch({ from: FROM });
  return useMemo(() => {
    const scores = outline.measures.filter(isScore);
    const main = (scores.find((each) => each.kind === "number") ?? scores[0] ?? outline.measures[0])?.name ?? "";
    const latency = outline.measures.find((each) => each.kind === "seconds")?.name ?? main;
    const isOne = outline.calls.length === 1;
    const known = (text: string | undefined) => { const axis = parseAxis(text); return axis !== null && axis.run < outline.calls.length && outline.measures.some((each) => each.name === axis.metric) ? axis : null; };
    return [known(x) ?? { run: 0, metric: isOne ? latency : main }, known(y) ?? { run: isOne ? 0 : (focused ?? 1), metric: main }];
  }, [outline, focused, x, y]);
}

function Scatter({ outline, sorted, focused }: PlotProps) {
  const change = useChange();
  const { pick } = useSearch({ from: FROM });
  const [x, y] = useAxes(outline, focused);
  const points = useMemo(() => pointsOf(outline, sorted, x, y), [outline, sorted, x, y]);
  const option = useCallback((ink: Ink) => scatterOption(ink, outline, points, x, y), [outline, points, x, y]);
  const options = outline.comparison.labels.flatMap((_, run) => outline.measures.map((measure) => ({ value: formatAxis({ run, metric: measure.name }), label: nameOf(outline, { run, metric: measure.name }) })));
  const ranged = useMemo(() => ([["x", x], ["y", y]] as const).map(([id, axis]): RangedAxis => {
    const [low, high] = boundsOf(points.map((point) => point[id]));
    return { id, name: nameOf(outline, axis), low, high, format: (value) => formatMetric(value, kindOf(outline, axis)) };
  }), [outline, points, x, y]);
  const onBrush = useCallback((ranges: Ranges) => {
    const { x: across, y: up } = ranges;
    change({ pick: across && up ? formatPick([{ ...x, low: across[0], high: across[1] }, { ...y, low: up[0], high: up[1] }]) : undefined });
  }, [change, x, y]);
  const brushed = useMemo((): Ranges => {
    const [across, up] = parsePick(pick);
    return across && up ? { x: [across.low, across.high] as const, y: [up.low, up.high] as const } : {};
  }, [pick]);
  return (
    <div className={`${cardClass} ${styles.plots}`}>
      <div className={styles.axes}>
        <Select label="Across" value={formatAxis(x)} options={options} onChange={(next) => { change({ x: next, pick: undefined }); }} />
        <span className="dim">across,</span>
        <Select label="Up" value={formatAxis(y)} options={options} onChange={(next) => { change({ y: next, pick: undefined }); }} />
        <span className="dim">up. Drag over points to see their rows below; larger points are more rows.</span>
      </div>
      <Chart label={`Each row by ${nameOf(outline, x)} across and ${nameOf(outline, y)} up`} option={option} height={320} onBrush={onBrush} brushed={brushed} axes={ranged} isRectangle
        table={{ columns: ["Rows", nameOf(outline, x), nameOf(outline, y), "Moved"], rows: () => points.map((point) => [point.rows.join(", "), formatMetric(point.x, kindOf(outline, x)), formatMetric(point.y, kindOf(outline, y)), point.group]) }} />
    </div>
  );
}

interface Point { x: number; y: number; group: string; rows: string[] }

/** Rows with the same numbers are one point: a yes or no has but four places. */
function pointsOf(outline: Outline, sorted: readonly Sorted[], x: Axis, y: Axis): Point[] {
  const found = new Map<string, Point>();
  for (const { entry, group } of sorted) {
    const [across, up] = [valueAt(outline, entry, x), valueAt(outline, entry, y)];
    if (across === null || up === null) continue;
    const key = `${across} ${up} ${group}`;
    const name = entry.index === null ? entry.digest.slice(0, 6) : `#${entry.index}`;
    const point = found.get(key);
    if (point) point.rows.push(name);
    else found.set(key, { x: across, y: up, group, rows: [name] });
  }
  return [...found.values()];
}

function scatterOption(ink: Ink, outline: Outline, points: readonly Point[], x: Axis, y: Axis): ChartOption {
  const [kindX, kindY] = [kindOf(outline, x), kindOf(outline, y)];
  const axis = (of: Axis, kind: typeof kindX) => ({ ...ink.axis, type: "value" as const, scale: true, name: nameOf(outline, of), nameLocation: "middle" as const, axisLabel: { ...ink.axis.axisLabel, formatter: (value: number) => formatMetric(value, kind) }, boundaryGap: ["4%", "4%"] as [string, string] });
  const isSame = x.metric === y.metric;
  const all = points.flatMap((point) => [point.x, point.y]);
  const [least, most] = [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)];
  return {
    grid: { left: 64, right: 20, top: 12, bottom: 44 },
    xAxis: { ...axis(x, kindX), nameGap: 28 }, yAxis: { ...axis(y, kindY), nameGap: 48 },
    brush: { xAxisIndex: 0, yAxisIndex: 0, brushStyle: { color: ink.fade(ink.color.accent, 0.12), borderColor: ink.color.accent, borderWidth: 1 }, outOfBrush: { colorAlpha: 0.25 }, throttleType: "debounce", throttleDelay: 80 },
    tooltip: { trigger: "item", formatter: (given) => {
      const point = points[(Array.isArray(given) ? given[0] : given)?.dataIndex ?? -1];
      if (point === undefined) return "";
      return ink.tip(point.rows.length === 1 ? `Row ${point.rows[0] ?? ""}` : plural(point.rows.length, "row"), [[nameOf(outline, x), formatMetric(point.x, kindX)], [nameOf(outline, y), formatMetric(point.y, kindY)], ["moved", point.group.replace("_", " ")]]);
    } },
    series: [{
      type: "scatter", data: points.map((point) => ({ value: [point.x, point.y], symbolSize: 6 + 5 * Math.sqrt(point.rows.length - 1), itemStyle: { color: colorOf(ink, point.group), opacity: 0.6 } })),
      ...(isSame && Number.isFinite(least) ? { markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: ink.color.line2, type: "dashed" as const }, data: [[{ coord: [least, least] }, { coord: [most, most] }]] } } : {}),
    }],
  };
}

const MOST_AXES = 10;

/** One line a row: over the metrics of a run, or over the runs by one metric. */
function Parallel({ outline, sorted, focused }: PlotProps) {
  const change = useChange();
  const { x, y, pick } = useSearch({ from: FROM });
  const { labels } = outline.comparison;
  const over = outline.measures.find((measure) => `over.${measure.name}` === y)?.name;
  const run = Number(/^run\.(\d+)$/.exec(x ?? "")?.[1] ?? focused ?? Math.min(1, labels.length - 1));
  const axes = useMemo(() => (over === undefined ? outline.measures.filter((measure) => measure.name !== "errors").map((measure) => ({ run, metric: measure.name })) : labels.map((_, i) => ({ run: i, metric: over }))).slice(0, MOST_AXES), [outline, over, run, labels]);
  const lines = useMemo(() => sorted.map(({ entry, group }) => ({ group, values: axes.map((axis) => valueAt(outline, entry, axis)) })).filter(({ values }) => values.every((value) => value !== null)), [outline, sorted, axes]);
  const option = useCallback((ink: Ink): ChartOption => ({
    parallel: { left: 60, right: 90, top: 34, bottom: 16 },
    parallelAxis: axes.map((axis, dim) => ({
      ...ink.axis, dim, id: formatAxis(axis), name: over === undefined ? shortName(axis.metric) : (labels[axis.run] ?? ""), type: "value" as const, scale: true,
      axisLabel: { ...ink.axis.axisLabel, formatter: (value: number) => formatMetric(value, kindOf(outline, axis)) }, areaSelectStyle: { width: 22, color: ink.color.accent, borderColor: ink.color.accent, opacity: 0.25 },
    })),
    series: [{ type: "parallel", smooth: false, inactiveOpacity: 0.03, activeOpacity: 0.8, data: lines.map(({ group, values }) => ({ value: values as number[], lineStyle: { color: colorOf(ink, group), opacity: 0.3, width: 1 } })) }],
  }), [axes, labels, lines, outline, over]);
  const ranged = useMemo(() => axes.map((axis, i): RangedAxis => {
    const [low, high] = boundsOf(lines.map(({ values }) => values[i] ?? null));
    return { id: formatAxis(axis), name: nameOf(outline, axis), low, high, format: (value) => formatMetric(value, kindOf(outline, axis)) };
  }), [axes, lines, outline]);
  const onBrush = useCallback((ranges: Ranges) => {
    const picked = axes.flatMap((axis) => { const range = ranges[formatAxis(axis)]; return range ? [{ ...axis, low: range[0], high: range[1] }] : []; });
    change({ pick: picked.length === 0 ? undefined : formatPick(picked) });
  }, [axes, change]);
  const brushed = useMemo(() => Object.fromEntries(parsePick(pick).map((range) => [formatAxis(range), [range.low, range.high] as const])), [pick]);
  const options = [...labels.map((label, i) => ({ value: `run.${i}`, label: `metrics of ${label}` })), ...(labels.length > 1 ? outline.measures.map((measure) => ({ value: `over.${measure.name}`, label: `${shortName(measure.name)} over the runs` })) : [])];
  return (
    <div className={`${cardClass} ${styles.plots}`}>
      <div className={styles.axes}>
        <Select label="Axes" value={over === undefined ? `run.${run}` : `over.${over}`} options={options} onChange={(next) => { change(next.startsWith("run.") ? { x: next, y: undefined, pick: undefined } : { x: undefined, y: next, pick: undefined }); }} />
        <span className="dim">One line a row. Drag along an axis to see the rows below; click the axis to let go.</span>
      </div>
      <Chart label={`Each row as a line over ${axes.map((axis) => nameOf(outline, axis)).join(", ")}`} option={option} height={300} onBrush={onBrush} brushed={brushed} axes={ranged}
        table={{ columns: [...axes.map((axis) => nameOf(outline, axis)), "Moved"], rows: () => lines.map(({ group, values }) => [...values.map((value, i) => formatMetric(value, axes[i] ? kindOf(outline, axes[i]) : "number")), group]) }} />
    </div>
  );
}
