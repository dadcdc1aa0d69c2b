export type MetricKind = "fraction" | "number" | "seconds" | "tokens" | "dollars";

const MINUS = "−";

/** Puts commas between thousands. Not by Intl, the first use of which costs a page 50 to 120 ms. */
const grouped = (digits: string) => digits.replace(/\B(?=(?:\d{3})+(?:\.|$))/g, ",");

export const formatCount = (n: number) => grouped(n.toFixed(0));

export function formatTokens(n: number | null): string {
  if (n === null) return "—";
  if (n < 100_000) return formatCount(n);
  return n < 999_500 ? `${Math.round(n / 1_000)} k` : `${(n / 1_000_000).toFixed(1)} M`;
}

interface Spent {
  sum_tokens: number | null;
  sum_cost: number | null;
  cost_partial: boolean;
  estimated: boolean;
}

/** Dollars have cents; what is less than one has two digits that tell. */
export function formatDollars(amount: number): string {
  if (amount === 0 || amount >= 1) return `$${grouped(amount.toFixed(2))}`;
  return amount >= 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(Math.min(1 - Math.floor(Math.log10(amount)), 20))}`;
}

/** A tilde marks tokens that were counted here, since the provider told none. */
export const formatSumTokens = (call: Spent) => (call.sum_tokens === null ? "" : `${call.estimated ? "~" : ""}${formatTokens(call.sum_tokens)}`);

/** Where some of the tokens have no known price, the sum is a lower bound; where none has, there is nothing to say. */
export const formatCost = (call: Spent) => (call.sum_cost === null ? "" : `${call.cost_partial ? "≥ " : ""}${call.estimated ? "~" : ""}${formatDollars(call.sum_cost)}`);

export function formatPercent(part: number, total: number): string {
  if (total === 0 || part === 0) return "0 %";
  const percent = (part / total) * 100;
  return percent < 0.1 ? "< 0.1 %" : percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return plural(bytes, "byte");
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function magnitude(value: number, kind: MetricKind): string {
  const size = Math.abs(value);
  if (kind === "seconds" && size > 0 && size < 0.001) return `${formatCount(size * 1_000_000)} µs`;
  if (kind === "seconds") return size < 1 ? `${formatCount(size * 1_000)} ms` : `${size.toFixed(2)} s`;
  if (kind === "dollars") return formatDollars(size);
  if (kind === "tokens") return size < 100 ? Number(size.toFixed(1)).toString() : formatCount(size);
  if (kind === "fraction") return `${(size * 100).toFixed(1)} %`;
  if (size >= 1_000) return formatCount(size);
  if (Number.isInteger(size)) return formatCount(size);
  return size < 0.01 ? Number(size.toPrecision(2)).toString() : size < 1 ? size.toFixed(3) : size < 10 ? size.toFixed(2) : Number(size.toPrecision(3)).toString();
}

export function formatMetric(value: number | null, kind: MetricKind): string {
  return value === null ? "—" : `${value < 0 ? MINUS : ""}${magnitude(value, kind)}`;
}

export function formatDifference(value: number | null, kind: MetricKind): string {
  if (value === null) return "—";
  // A difference of two percentages is in points.
  const size = magnitude(value, kind).replace("%", "pts");
  // What rounds to nothing gets no sign: "+0.00" would look like a change.
  if (!/[1-9]/.test(size)) return `±${size}`;
  return `${value < 0 ? MINUS : "+"}${size}`;
}

export const formatP = (p: number) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`);
