import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useState } from "react";

import type { Overview, Scores, Spend } from "@/api/types";
import { formatCount, formatDollars, formatPercent, formatTokens } from "@/lib/number";
import { formatDuration, formatStarted, formatTick } from "@/lib/time";
import { Chart, type ChartOption, type Ink } from "@/ui/chart";
import { Segments } from "@/ui/fields";
import { ErrorNote, Loading } from "@/ui/notices";

import styles from "./overview.module.css";

const HEIGHT = 190;
const MOST_LINES = 8;
const NAMED = 5;
/** A line of fewer points shows them: one point alone has no line. */
const MARKED = 30;

type OnPick = (startUs: number) => void;

interface Line {
  name: string;
  color: string;
  values: readonly (number | null)[];
  /** Of a line that another one may cover: what is broad shows on both sides of it. */
  isBroad?: boolean;
}

interface Look {
  type: "bar" | "line";
  format: (value: number) => string;
  /** How its axis says a value, where all marks are to have one unit. */
  mark?: (value: number, most: number) => string;
  stack?: boolean;
  /** What else a tooltip says of a bar. */
  more?: (index: number) => readonly (readonly [string, string])[];
}

const startsOf = (overview: Overview) => overview.bars.map((bar) => bar.start_us);

function optionOf(ink: Ink, starts: readonly number[], lines: readonly Line[], look: Look): ChartOption {
  const most = Math.max(0, ...lines.flatMap((line) => line.values.map((value) => value ?? 0)));
  return {
    grid: { left: 68, right: 12, top: lines.length > 1 ? 30 : 12, bottom: 24 },
    ...(lines.length > 1 ? { legend: { top: 0, left: 60, itemWidth: 10, itemHeight: 10, type: "scroll", textStyle: { color: ink.color.ink2, fontFamily: ink.font, fontSize: 11 } } } : {}),
    xAxis: { type: "category", data: starts.map((us) => formatStarted(us)), ...ink.axis, splitLine: { show: false } },
    yAxis: { type: "value", splitNumber: 3, ...ink.axis, axisLine: { show: false }, axisLabel: { ...ink.axis.axisLabel, formatter: (value: number) => look.mark?.(value, most) ?? look.format(value) } },
    tooltip: {
      trigger: "axis",
      formatter: (items) => {
        const all = Array.isArray(items) ? items : [items];
        const index = all[0]?.dataIndex ?? 0;
        const rows = all.flatMap((item): [string, string][] => (typeof item.value === "number" && (item.value !== 0 || all.length === 1) ? [[item.seriesName ?? "", look.format(item.value)]] : []));
        return ink.tip(formatStarted(starts[index] ?? 0), [...rows, ...(look.more?.(index) ?? [])]);
      },
    },
    series: lines.map((line) => look.type === "bar"
      ? { type: "bar" as const, name: line.name, data: [...line.values], itemStyle: { color: line.color }, barCategoryGap: "18%", cursor: "pointer", ...(look.stack ? { stack: "all" } : {}) }
      : { type: "line" as const, name: line.name, data: [...line.values], itemStyle: { color: line.color }, lineStyle: { color: line.color, width: line.isBroad ? 3.5 : 1.5 }, symbolSize: line.isBroad ? 8 : 5, showSymbol: line.values.filter((value) => value !== null).length < MARKED, connectNulls: true, cursor: "pointer", triggerLineEvent: true }),
  };
}

interface PlotProps {
  title: ReactNode;
  label: string;
  starts: readonly number[];
  lines: (ink: Ink) => readonly Line[];
  names: readonly string[];
  look: Look;
  onPick: OnPick;
}

/** Lines over the bars of the stretch; a click leads to the traces of a bar. */
function Plot({ title, label, starts, lines, names, look, onPick }: PlotProps) {
  const option = useCallback((ink: Ink) => optionOf(ink, starts, lines(ink), look), [starts, lines, look]);
  const rows = () => {
    const plain = lines(NO_INK);
    return starts.map((us, i) => [formatStarted(us), ...plain.map((line) => { const value = line.values[i]; return value === null || value === undefined ? "" : look.format(value); })]);
  };
  return (
    <section className={styles.plot} aria-label={label}>
      <header>{title}</header>
      <Chart label={label} height={HEIGHT} option={option} table={{ columns: ["Time", ...names], rows }} onPick={({ dataIndex }) => { const us = starts[dataIndex]; if (us !== undefined) onPick(us); }} />
    </section>
  );
}

/** For the table, which has no colours. */
const NO_INK = { color: new Proxy({}, { get: () => "" }) as Ink["color"] } as Ink;

const TRACES_LOOK: Look = { type: "bar", format: formatCount, stack: true };

export function TracesPlot({ overview, onPick }: { overview: Overview; onPick: OnPick }) {
  const starts = useMemo(() => startsOf(overview), [overview]);
  const lines = useCallback((ink: Ink): Line[] => [
    { name: "calls with errors", color: ink.color.bad, values: overview.bars.map((bar) => bar.errors) },
    { name: "other calls", color: ink.color.accent, values: overview.bars.map((bar) => bar.calls - bar.errors) },
  ], [overview]);
  const look = useMemo((): Look => ({ ...TRACES_LOOK, more: (i) => { const bar = overview.bars[i]; return bar ? [["traces", formatCount(bar.traces)], ["errors", formatPercent(bar.errors, bar.calls)]] : []; } }), [overview]);
  return <Plot title={<h2>Calls</h2>} label="Calls over time" starts={starts} lines={lines} names={["calls with errors", "other calls"]} look={look} onPick={onPick} />;
}

const LATENCY_LOOK: Look = { type: "line", format: formatDuration, mark: formatTick };

export function LatencyPlot({ overview, onPick }: { overview: Overview; onPick: OnPick }) {
  const starts = useMemo(() => startsOf(overview), [overview]);
  const lines = useCallback((ink: Ink): Line[] => [
    { name: "p95", color: ink.color.warn, values: overview.bars.map((bar) => bar.p95_us), isBroad: true },
    { name: "p50", color: ink.color.accent, values: overview.bars.map((bar) => bar.p50_us) },
  ], [overview]);
  const title = <><h2>Latency of traces</h2>{overview.sampled && <span className="dim small" title="Of each bar, the first 400 traces are read.">of some traces of each bar</span>}</>;
  return <Plot title={title} label="Latency of traces over time" starts={starts} lines={lines} names={["p95", "p50"]} look={LATENCY_LOOK} onPick={onPick} />;
}

const LOOKS: Record<"cost" | "tokens", Look> = { cost: { type: "bar", format: formatDollars, stack: true }, tokens: { type: "bar", format: (value) => formatTokens(value), stack: true } };

export function SpendPlot({ overview, spend, onPick }: { overview: Overview; spend: UseQueryResult<Spend>; onPick: OnPick }) {
  const isPriced = spend.data?.models.some((each) => each.cost > 0) ?? true;
  const [chosen, setChosen] = useState<"cost" | "tokens" | undefined>();
  const what = chosen ?? (isPriced ? "cost" : "tokens");
  const starts = useMemo(() => startsOf(overview), [overview]);
  const models = spend.data?.models.slice(0, NAMED).map((each) => each.model) ?? [];
  const hasMore = (spend.data?.models.length ?? 0) > NAMED;
  const names = [...models.map((name) => (name === "" ? "model not said" : name)), ...(hasMore ? ["other models"] : [])];
  const lines = useCallback((ink: Ink): Line[] => spendLines(ink, overview, spend.data, what), [overview, spend.data, what]);
  const head = <><h2>{what === "cost" ? "Cost" : "Tokens"}</h2><span className="spacer" /><Segments label="What is spent" value={what} options={[{ value: "cost", label: "Cost" }, { value: "tokens", label: "Tokens" }]} onChange={setChosen} /></>;
  if (spend.data === undefined) return <section className={styles.plot} aria-label="Cost over time"><header>{head}</header>{spend.error ? <ErrorNote error={spend.error} onRetry={() => void spend.refetch()} /> : <Loading lines={4} />}</section>;
  if (models.length === 0) return <section className={styles.plot} aria-label="Cost over time"><header><h2>Cost and tokens</h2></header><p className="dim">No call of this stretch reports tokens.</p></section>;
  return <Plot title={head} label={`${what === "cost" ? "Cost" : "Tokens"} over time`} starts={starts} lines={lines} names={names} look={LOOKS[what]} onPick={onPick} />;
}

const paletteOf = ({ color }: Ink) => [color["k-llm"], color["k-tool"], color["k-retriever"], color["k-embedding"], color.accent, color.ink3, color.warn, color.good];

function spendLines(ink: Ink, overview: Overview, spend: Spend | undefined, what: "cost" | "tokens"): Line[] {
  if (spend === undefined) return [];
  const named = spend.models.slice(0, NAMED).map((each) => each.model);
  const index = new Map(overview.bars.map((bar, i) => [bar.start_us, i]));
  const values = new Map<string, number[]>([...named, ...(spend.models.length > NAMED ? [OTHERS] : [])].map((name) => [name, overview.bars.map(() => 0)]));
  for (const spent of spend.bars) {
    const at = index.get(spent.start_us);
    const line = values.get(named.includes(spent.model) ? spent.model : OTHERS);
    if (at !== undefined && line !== undefined) line[at] = (line[at] ?? 0) + spent[what];
  }
  const colors = paletteOf(ink);
  return [...values].map(([name, each], i) => ({ name: name === "" ? "model not said" : name === OTHERS ? "other models" : name, color: colors[i % colors.length] ?? "", values: each }));
}

/** No model has this name. */
const OTHERS = "\0";

const SCORE_LOOK: Look = { type: "line", format: (value) => (Math.abs(value) >= 100 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)))) };

export function ScoresPlot({ overview, scores, onPick }: { overview: Overview; scores: Scores; onPick: OnPick }) {
  const [chosen, setChosen] = useState<string | undefined>();
  const shown = scores.scorers.slice(0, MOST_LINES).map((each) => each.scorer);
  const scorer = shown.find((name) => name === chosen) ?? shown[0] ?? "";
  const title = <><h2>Mean score</h2><span className="spacer" /><Segments label="Scorer" value={scorer} options={shown.map((value) => ({ value, label: value }))} onChange={setChosen} /></>;
  return <ScorePlot title={title} overview={overview} scores={scores} scorer={scorer} onPick={onPick} />;
}

function ScorePlot({ title, overview, scores, scorer, onPick }: { title: ReactNode; overview: Overview; scores: Scores; scorer: string; onPick: OnPick }) {
  const starts = useMemo(() => startsOf(overview), [overview]);
  const lines = useCallback((ink: Ink): Line[] => {
    const byStart = new Map(scores.bars.filter((each) => each.scorer === scorer).map((each) => [each.start_us, each.mean]));
    return [{ name: scorer, color: ink.color.good, values: overview.bars.map((bar) => byStart.get(bar.start_us) ?? null) }];
  }, [overview, scores, scorer]);
  return <Plot title={title} label="Mean scores over time" starts={starts} lines={lines} names={[scorer]} look={SCORE_LOOK} onPick={onPick} />;
}
