import { quote, termsOf } from "./search-terms";

/** What may come next at the caret of a search. */
export interface Completion {
  label: string;
  hint: string;
  /** Is put from `start` to `end`; the caret goes behind it. */
  insert: string;
  start: number;
  end: number;
}

export interface KnownValues {
  [key: string]: readonly { value: string; hint: string }[];
}

const KEYS: readonly (readonly [string, string])[] = [
  ["op", "the name of an op; * is any text"], ["status", "success, error, running, interrupted"], ["latency", "latency:>2s, latency:1s..5s"],
  ["tokens", "tokens:>1.5k"], ["model", "model:gpt-4o*"], ["kind", "llm, tool, agent…"], ["started", "started:-1h, started:2026-01-31"],
  ["scores.", "scores.accuracy:<0.5"], ["inputs.", "inputs.question:*refund*"], ["output", "output.answer:*yes*"], ["attributes.", "attributes.env:prod"],
  ["error", "a part of the error"], ["reaction", "reaction:👍"], ["note", "a part of a note"], ["thread", "thread:T-2291"], ["user", "user:u-1042, as attributes name one"], ["has", "has:error, has:scores.accuracy"],
  ["ended", "ended:-1h"], ["name", "the name that is shown"], ["input_tokens", "input_tokens:>1k"], ["output_tokens", "output_tokens:>1k"],
  ["summary.", "summary.usage.requests:>1"], ["turn", "the id of a turn"], ["id", "the id of a call"], ["trace", "the id of a trace"], ["parent", "the id of a call above"],
];
const EXAMPLES: Record<string, readonly (readonly [string, string])[]> = {
  latency: [[">1s", "longer than"], ["<100ms", "shorter than"], ["1s..5s", "between"]],
  tokens: [[">1k", "more than"], ["<100", "fewer than"], ["1k..10k", "between"]],
  started: [["-15m", "the last 15 minutes"], ["-1h", "the last hour"], ["-1d", "the last day"], ["-7d", "the last week"]],
  status: [["success", ""], ["error", ""], ["running", ""], ["interrupted", ""]],
  has: [["error", ""], ["reaction", ""], ["note", ""], ["thread", ""], ["model", ""]],
};
const MOST = 12;

/** Suggests keys, then values: those that start with what is typed first, then those that have it in them. */
export function complete(text: string, caret: number, known: KnownValues): Completion[] {
  const term = termsOf(text).find((each) => each.start <= caret && caret <= each.end);
  if (term === undefined || term.key === "") return keys(text.slice(term?.start ?? caret, caret), term?.start ?? caret, term?.end ?? caret, known);
  if (caret < term.valueStart) return [];
  const written = text.slice(term.valueStart, caret);
  if (/"[^"]*$/.test(written.replace(/"[^"]*"/g, ""))) return [];
  const start = term.valueStart + written.lastIndexOf(",") + 1;
  const rest = /^[^,\s]*/.exec(text.slice(caret))?.[0].length ?? 0;
  const values = known[term.key] ?? EXAMPLES[term.key]?.map(([value, hint]) => ({ value, hint })) ?? [];
  const isExample = known[term.key] === undefined;
  return fitting(values, (each) => each.value, text.slice(start, caret).replace(/^"/, ""))
    .filter((each) => each.value !== text.slice(start, caret + rest))
    .map(({ value, hint }) => ({ label: value, hint, insert: isExample ? value : quote(value), start, end: caret + rest }));
}

function keys(typed: string, at: number, end: number, known: KnownValues): Completion[] {
  const minus = typed.startsWith("-") ? "-" : "";
  const scores = Object.keys(known).filter((key) => key.startsWith("scores.")).map((key) => [key, "a score"] as const);
  const all = [...KEYS.slice(0, 7), ...scores, ...KEYS.slice(scores.length > 0 ? 8 : 7)];
  return fitting(all, ([key]) => key, typed.slice(minus.length))
    .map(([key, hint]) => ({ label: key.endsWith(".") ? `${key}…:` : `${key}:`, hint, insert: minus + (key.endsWith(".") ? key : `${key}:`), start: at, end }));
}

function fitting<T>(all: readonly T[], textOf: (item: T) => string, typed: string): T[] {
  const wanted = typed.toLowerCase();
  const place = (item: T) => textOf(item).toLowerCase().indexOf(wanted);
  return all.filter((item) => place(item) !== -1).sort((a, b) => Math.min(place(a), 1) - Math.min(place(b), 1)).slice(0, MOST);
}

export const applied = (text: string, { start, end, insert }: Completion): { text: string; caret: number } => {
  const isDone = !/[:.]$/.test(insert);
  const after = text.slice(end);
  const put = isDone && !/^[\s,]/.test(after) ? `${insert} ` : insert;
  return { text: text.slice(0, start) + put + after, caret: start + put.length };
};
