/**
 * The text of a search, as far as the page has to understand it: where its terms stand, and how one is put in or taken out.
 * What it means, and whether it is right, the server says.
 */
export interface TermSpan {
  key: string;
  isNegated: boolean;
  values: readonly string[];
  /** The values as they were written, quotes and stars and all. */
  raw: readonly string[];
  start: number;
  end: number;
  /** Where the values begin, after the colon; of a free text where it begins. */
  valueStart: number;
}

const TERM = /(-?)((?:[^\s:"\\]|\\.)+):((?:"(?:[^"\\]|\\.)*"?|[^\s"])*)|-?"(?:[^"\\]|\\.)*"?|[^\s"]+/gsu;
const VALUE = /"(?:[^"\\]|\\.)*"?|[^,"]+/gsu;
const ALIASES: Record<string, string> = {
  op_name: "op", trace_name: "name", started_at: "started", ended_at: "ended", thread_id: "thread", user_id: "user", turn_id: "turn",
  call: "id", call_id: "id", trace_id: "trace", parent_id: "parent", duration: "latency", exception: "error", total_tokens: "tokens",
};

const nameOf = (key: string) => ALIASES[key] ?? key;

export function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined).replace(/\\(["\\])/g, "$1") : value;
}

/** Writes a value so that it is read as this text: in quotes if it must be. A star in one that is not means any text. */
export function quote(value: string): string {
  return value === "" || /[\s",*]|\.\.|^[<>=]/.test(value) ? `"${value.replace(/(["\\])/g, "\\$1")}"` : value;
}

export function termsOf(text: string): TermSpan[] {
  return Array.from(text.matchAll(TERM), (found) => {
    const [whole, minus = "", key = "", values = ""] = found;
    const start = found.index;
    const isFree = key === "";
    const raw = isFree ? [whole.replace(/^-(?=.)/, "")] : Array.from(values.matchAll(VALUE), ([value]) => value);
    return {
      key: nameOf(key), isNegated: isFree ? whole.startsWith("-") && whole.length > 1 : minus === "-",
      raw, values: raw.map(unquote),
      start, end: start + whole.length, valueStart: isFree ? start : start + minus.length + key.length + 1,
    };
  });
}

const splice = (text: string, start: number, end: number, put: string) =>
  [text.slice(0, start).trim(), put, text.slice(end).trim()].filter((part) => part !== "").join(" ");

/** The values that a search wants of a key, and those it does not. */
export function chosenValues(text: string, key: string): { wanted: ReadonlySet<string>; unwanted: ReadonlySet<string> } {
  const own = termsOf(text).filter((term) => term.key === key);
  const of = (isNegated: boolean) => new Set(own.filter((term) => term.isNegated === isNegated).flatMap((term) => term.values));
  return { wanted: of(false), unwanted: of(true) };
}

const written = (key: string, raw: readonly string[], isNegated: boolean) => (raw.length === 0 ? "" : `${isNegated ? "-" : ""}${key}:${raw.join(",")}`);
const rawWithout = (term: TermSpan, value: string) => term.raw.filter((_, i) => term.values[i] !== value);

/** Adds a value to the term of a key, or takes it out; another choice beside it is an or. */
export function toggleValue(text: string, key: string, value: string, isNegated = false): string {
  const opposite = termsOf(text).find((term) => term.key === key && term.isNegated !== isNegated && term.values.includes(value));
  const base = opposite === undefined ? text : splice(text, opposite.start, opposite.end, written(key, rawWithout(opposite, value), opposite.isNegated));
  const own = termsOf(base).find((term) => term.key === key && term.isNegated === isNegated);
  if (own === undefined) return splice(base, base.length, base.length, written(key, [quote(value)], isNegated));
  const raw = own.values.includes(value) ? rawWithout(own, value) : [...own.raw, quote(value)];
  return splice(base, own.start, own.end, written(key, raw, isNegated));
}

/** Puts one term of a key in the place of all that there are; none when `values` is empty. */
export function setTerm(text: string, key: string, values: string): string {
  const own = termsOf(text).filter((term) => term.key === key);
  const put = values === "" ? "" : `${key}:${values}`;
  const at = own[0]?.start ?? text.length;
  const rest = own.reduceRight((left, term) => splice(left, term.start, term.end, ""), text);
  return splice(rest, Math.min(at, rest.length), Math.min(at, rest.length), put);
}

/** A moment as a search has it: of UTC, without parts of a second that are nought. */
export const writeMoment = (us: number): string => new Date(us / 1_000).toISOString().replace(".000Z", "Z");

/** A stretch of time as a term. */
export const betweenTerm = (startUs: number, endUs: number): string => `started:${writeMoment(startUs)}..${writeMoment(endUs)}`;

/** The times between which calls are wanted, in microseconds, where the search says so in plain words. */
export function windowOf(text: string): { from: number; to: number } | null {
  const own = termsOf(text).filter((term) => term.key === "started" && !term.isNegated);
  const [from, to] = own.length === 1 && own[0]?.values.length === 1 ? (own[0].values[0] ?? "").split("..") : [];
  const [a, b] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  return Number.isNaN(a) || Number.isNaN(b) ? null : { from: a * 1_000, to: b * 1_000 };
}
