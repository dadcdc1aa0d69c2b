import { formatDifference, formatMetric, type MetricKind, plural } from "./number";

export type Tone = "better" | "worse" | "neutral";

/** Better or worse is said only where the metric's direction is known and something moved. */
export function toneOf(difference: number | null, higherIsBetter: boolean | null): Tone {
  if (difference === null || difference === 0 || higherIsBetter === null) return "neutral";
  return difference > 0 === higherIsBetter ? "better" : "worse";
}

export interface SaidMetric {
  name: string;
  scorer: string | null;
  kind: MetricKind;
  values: (number | null)[];
  differences: (number | null)[];
}

/** The metric that a sentence speaks of: the first that a scorer gave. */
export const mainMetric = <T extends { scorer: string | null }>(metrics: readonly T[]): T | undefined =>
  metrics.find((metric) => metric.scorer !== null) ?? metrics[0];

/** What a column head has room for; the whole name is its tooltip. */
export const shortName = (name: string) =>
  name.replace(/\.(true_fraction|mean)$| \(mean\)$/, "").replace(/^model_latency$/, "latency").replace(/^(total|model)_tokens$/, "tokens");

/** "few-shot: exact_match 62.0 %, +11.0 pts against plain" for each run after the first; what the baseline has for one alone. */
export function sentences(names: readonly string[], metrics: readonly SaidMetric[]): string[] {
  const metric = mainMetric(metrics);
  if (metric === undefined) return [];
  const said = (i: number) => `${shortName(metric.name)} ${formatMetric(metric.values[i] ?? null, metric.kind)}`;
  if (names.length === 1) return [`${names[0] ?? ""}: ${said(0)}`];
  return names.slice(1).map((name, i) => {
    const difference = metric.differences[i + 1] ?? null;
    return `${name}: ${said(i + 1)}${difference === null ? "" : `, ${formatDifference(difference, metric.kind)} against ${names[0] ?? ""}`}`;
  });
}

export function movedRows({ improved = 0, regressed = 0, mixed = 0 }: Partial<Record<string, number>>): string {
  const parts = [`${plural(improved, "row")} improved`, `${regressed} regressed`];
  if (mixed > 0) parts.push(`${mixed} mixed`);
  return parts.join(", ");
}
