import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption, ParallelChart, type ParallelSeriesOption, ScatterChart, type ScatterSeriesOption } from "echarts/charts";
import {
  BrushComponent, type BrushComponentOption, DataZoomComponent, type DataZoomComponentOption, GridComponent, type GridComponentOption, LegendComponent, type LegendComponentOption,
  MarkLineComponent, type MarkLineComponentOption, ParallelComponent, type ParallelComponentOption, TooltipComponent, type TooltipComponentOption,
} from "echarts/components";
import type { EChartsOption } from "echarts";
import { type ComposeOption, type ECharts, init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useEffectEvent, useRef, useState } from "react";

import styles from "./chart.module.css";

register([BarChart, LineChart, ParallelChart, ScatterChart, BrushComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, ParallelComponent, TooltipComponent, CanvasRenderer]);

// ECharts' own types take `parallel` of a composed option for an axis.
export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | ParallelSeriesOption | ScatterSeriesOption | BrushComponentOption | DataZoomComponentOption | GridComponentOption | LegendComponentOption
  | MarkLineComponentOption | TooltipComponentOption
> & { parallel?: ParallelComponentOption; parallelAxis?: EChartsOption["parallelAxis"] };

/** Low and high by the id of an axis; of a grid the ids are `x` and `y`. */
export type Ranges = Readonly<Record<string, readonly [number, number]>>;

const COLORS = ["ink", "ink2", "ink3", "line", "line2", "panel", "sunk", "accent", "accent-soft", "good", "bad", "warn", "k-llm", "k-tool", "k-retriever", "k-embedding"] as const;

/** The colours of the page, and the parts that every plot has in common. */
export interface Ink {
  color: Record<(typeof COLORS)[number], string>;
  font: string;
  /** A colour that lets through what is behind it. */
  fade: (color: string, alpha: number) => string;
  /** Looks of an axis: hairlines, quiet labels. */
  axis: { axisLine: object; axisTick: object; axisLabel: object; splitLine: object; nameTextStyle: object };
  /** A tooltip is made of elements, never of markup: what it says came from the user's program. */
  tip: (title: string, lines?: readonly (readonly [string, string])[]) => HTMLElement;
}

function readInk(): Ink {
  const probe = document.createElement("i");
  document.body.append(probe);
  const colorOf = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const color = Object.fromEntries(COLORS.map((name) => [name, colorOf(name)])) as Ink["color"];
  probe.remove();
  const font = getComputedStyle(document.body).fontFamily;
  const label = { color: color.ink3, fontFamily: font, fontSize: 11 };
  return { color, font, tip, fade, axis: { axisLine: { lineStyle: { color: color.line2 } }, axisTick: { show: false }, axisLabel: label, splitLine: { lineStyle: { color: color.line } }, nameTextStyle: { ...label, color: color.ink2 } } };
}

const fade = (color: string, alpha: number) => color.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

function tip(title: string, lines: readonly (readonly [string, string])[] = []): HTMLElement {
  const box = document.createElement("div");
  box.className = styles.tip ?? "";
  const head = document.createElement("b");
  head.textContent = title;
  box.append(head);
  for (const text of lines.flat()) {
    const part = document.createElement("span");
    part.textContent = text;
    box.append(part);
  }
  return box;
}

/** Read anew when the reader changes the theme, or the system does. */
function useInk(): Ink {
  const [ink, setInk] = useState(readInk);
  useEffect(() => {
    const read = () => { setInk(readInk()); };
    const system = matchMedia("(prefers-color-scheme: dark)");
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    system.addEventListener("change", read);
    return () => {
      observer.disconnect();
      system.removeEventListener("change", read);
    };
  }, []);
  return ink;
}

interface Props {
  label: string;
  option: (ink: Ink) => ChartOption;
  height: number;
  onBrush?: (ranges: Ranges) => void;
  brushed?: Ranges;
  onPick?: (item: { seriesIndex: number; dataIndex: number }) => void;
}

interface BrushEnd { areas: { coordRange?: [[number, number], [number, number]] }[] }
interface AxisSelected { parallelAxisId: string; intervals: [number, number][] }

export function ChartCanvas({ label, option, height, onBrush, brushed, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const ink = useInk();
  const told = useRef<Ranges>({});
  const tell = useEffectEvent((ranges: Ranges) => {
    told.current = ranges;
    onBrush?.(ranges);
  });
  const pick = useEffectEvent((item: { seriesIndex: number; dataIndex: number }) => { onPick?.(item); });
  const isBrushed = onBrush !== undefined;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = init(element, null, { renderer: "canvas" });
    chart.current = made;
    made.on("brushEnd", (event) => { tell(rangesOf(event as BrushEnd)); });
    made.on("axisareaselected", (event) => {
      const { parallelAxisId, intervals } = event as AxisSelected;
      const [range] = intervals;
      const others = Object.fromEntries(Object.entries(told.current).filter(([id]) => id !== parallelAxisId));
      tell(range === undefined ? others : { ...others, [parallelAxisId]: range });
    });
    made.on("click", (event) => { pick({ seriesIndex: event.seriesIndex ?? 0, dataIndex: event.dataIndex }); });
    const observer = new ResizeObserver(() => { made.resize(); });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const made = chart.current;
    if (made === null) return;
    const wanted = option(ink);
    made.setOption({ animation: false, textStyle: { fontFamily: ink.font, color: ink.color.ink }, ...wanted, tooltip: tooltipOf(ink, wanted) }, { notMerge: true });
    if (isBrushed && wanted.brush !== undefined) made.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "rect", brushMode: "single" } });
    told.current = {};
  }, [option, ink, isBrushed]);
  // After the option, since a new option has nothing brushed.
  useEffect(() => {
    if (chart.current === null || brushed === undefined || JSON.stringify(brushed) === JSON.stringify(told.current)) return;
    show(chart.current, brushed, told.current);
    told.current = brushed;
  }, [brushed, option, ink]);
  return <div ref={place} className={styles.canvas} style={{ height }} role="img" aria-label={label} />;
}

function tooltipOf(ink: Ink, { tooltip }: ChartOption): TooltipComponentOption {
  const given = Array.isArray(tooltip) ? tooltip[0] : tooltip;
  return { backgroundColor: ink.color.panel, borderColor: ink.color.line2, textStyle: { color: ink.color.ink }, confine: true, transitionDuration: 0, ...given };
}

function rangesOf({ areas: [area] }: BrushEnd): Ranges {
  const range = area?.coordRange;
  return range === undefined ? {} : { x: range[0], y: range[1] };
}

/** Draws what the address says was brushed. */
function show(chart: ECharts, ranges: Ranges, before: Ranges) {
  if ("x" in before || "x" in ranges) {
    const { x, y } = ranges;
    chart.dispatchAction({ type: "brush", areas: x && y ? [{ brushType: "rect", xAxisIndex: 0, yAxisIndex: 0, coordRange: [[...x], [...y]] }] : [] });
    return;
  }
  for (const id of new Set([...Object.keys(before), ...Object.keys(ranges)])) {
    chart.dispatchAction({ type: "axisAreaSelect", parallelAxisId: id, intervals: ranges[id] ? [[...ranges[id]]] : [] }, { silent: true });
  }
}
