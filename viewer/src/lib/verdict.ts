import { formatCount, formatMetric, type MetricKind, plural } from "./number";

export type Verdict = "better" | "worse" | "different" | "undecided" | "unchanged" | null;
export type Tone = "better" | "worse" | "open" | "neutral";

/** A sign and a word: what is better is never told by colour alone. */
const MARKS: Record<Exclude<Verdict, null>, { sign: string; word: string; tone: Tone }> = {
  better: { sign: "▲", word: "better", tone: "better" },
  worse: { sign: "▼", word: "worse", tone: "worse" },
  different: { sign: "≠", word: "different", tone: "open" },
  undecided: { sign: "?", word: "not decided", tone: "open" },
  unchanged: { sign: "=", word: "unchanged", tone: "neutral" },
};

export const markOf = (verdict: Verdict) => (verdict === null ? { sign: "–", word: "no verdict", tone: "neutral" as const } : MARKS[verdict]);

export interface SaidMetric {
  name: string;
  scorer: string | null;
  kind: MetricKind;
  values: (number | null)[];
}

/** The metric that a sentence speaks of: the first that a scorer gave. */
export const mainMetric = <T extends { scorer: string | null }>(metrics: readonly T[]): T | undefined =>
  metrics.find((metric) => metric.scorer !== null) ?? metrics[0];

/** What a column head has room for; the whole name is its tooltip. */
export const shortName = (name: string) =>
  name.replace(/\.(true_fraction|mean)$| \(mean\)$/, "").replace(/^model_latency$/, "latency").replace(/^(total|model)_tokens$/, "tokens");

/** "plain: exact_match 62.0 %": what there is to say of one run alone. */
export function aloneSentence(label: string, metrics: readonly SaidMetric[]): string {
  const metric = mainMetric(metrics);
  return metric === undefined ? label : `${label}: ${shortName(metric.name)} ${formatMetric(metric.values[0] ?? null, metric.kind)}`;
}

export function movedRows({ improved = 0, regressed = 0, mixed = 0 }: Partial<Record<string, number>>): string {
  const parts = [`${plural(improved, "row")} improved`, `${formatCount(regressed)} regressed`];
  if (mixed > 0) parts.push(`${formatCount(mixed)} mixed`);
  return parts.join(", ");
}

export interface RunRemark {
  run: number;
  level: string;
  text: string;
}

/** What holds of every run is said once, and of no run by name; the rest keeps the run it is about. */
export function sharedFirst<T extends RunRemark>(remarks: readonly T[], runs: number): { remark: T; isShared: boolean }[] {
  const count = (text: string) => new Set(remarks.filter((each) => each.text === text).map((each) => each.run)).size;
  const isShared = (remark: T) => count(remark.text) === runs - 1;
  const shared = remarks.filter((remark, i) => isShared(remark) && remarks.findIndex((each) => each.text === remark.text) === i);
  return [...shared.map((remark) => ({ remark, isShared: true })), ...remarks.filter((remark) => !isShared(remark)).map((remark) => ({ remark, isShared: false }))];
}
