import { quote } from "./search-terms";

/** What a URL may say. Anything else in it is left out, so that an old or hand-written link opens the page anyway. */
export type Search = Record<string, unknown>;

export const GROUPS = ["regressed", "improved", "mixed", "unchanged", "not_comparable"] as const;
export type Group = (typeof GROUPS)[number];

export interface TracesSearch {
  q?: string;
  all?: true;
  call?: string;
  facets?: boolean;
}

export const TRACE_VIEWS = ["timeline", "tree", "flame", "conversation"] as const;
export type TraceViewName = (typeof TRACE_VIEWS)[number];

export interface TraceSearch {
  call?: string;
  tab?: string;
  filter?: string;
  /** Only what matches the filter, with what is above it. */
  only?: true;
  view?: TraceViewName;
  /** The call that fills the flame graph. */
  zoom?: string;
}

export interface ObjectSearch {
  version?: string;
  view?: "changes";
}

export interface SqlSearch {
  query?: string;
}

export interface CompareSearch {
  ids: string;
  group?: Group;
}

// The router reads `?q=123` as a number; a search for 123 is a search for its digits.
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

const oneOf = <T extends string>(options: readonly T[], value: unknown): T | undefined =>
  options.find((option) => option === value);

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends Search>(values: T): Partial<Given<T>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Given<T>>;
}

export const parseTracesSearch = (search: Search): TracesSearch =>
  given({
    q: searched(search),
    all: search["all"] === true ? (true as const) : undefined,
    call: text(search["call"]),
    facets: typeof search["facets"] === "boolean" ? search["facets"] : undefined,
  });

/** Links of old name an op and a status apart from the text. */
function searched(search: Search): string | undefined {
  const [op, status] = [text(search["op"]), text(search["status"])];
  return [op === undefined ? "" : `op:${quote(op)}`, status === undefined ? "" : `status:${quote(status)}`, text(search["q"]) ?? ""].filter((part) => part !== "").join(" ") || undefined;
}

export const parseTraceSearch = (search: Search): TraceSearch =>
  given({
    call: text(search["call"]), tab: text(search["tab"]), filter: text(search["filter"]), only: search["only"] === true ? (true as const) : undefined,
    view: oneOf(TRACE_VIEWS, search["view"]), zoom: text(search["zoom"]),
  });

export const parseObjectSearch = (search: Search): ObjectSearch =>
  given({ version: text(search["version"]), view: search["view"] === "changes" ? ("changes" as const) : undefined });

export const parseSqlSearch = (search: Search): SqlSearch => given({ query: text(search["query"]) });

export const parseCompareSearch = (search: Search): CompareSearch => ({
  ids: splitIds(text(search["ids"]) ?? "").join(","),
  ...given({ group: oneOf(GROUPS, search["group"]) }),
});

export const splitIds = (ids: string): string[] => [...new Set(ids.split(",").map((id) => id.trim()).filter((id) => id !== ""))];

/** The same runs with another one as the baseline, which is the first. */
export const withBaseline = (ids: string, baseline: string): string =>
  [baseline, ...splitIds(ids).filter((id) => id !== baseline)].join(",");
