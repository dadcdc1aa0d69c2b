import { type ObjectsFilter, SORTS } from "./objects";
import { quote } from "./search-terms";

/** What a URL may say. Anything else in it is left out, so that an old or hand-written link opens the page anyway. */
export type Search = Record<string, unknown>;

export interface TracesSearch {
  q?: string;
  all?: true;
  call?: string;
  facets?: boolean;
  cols?: string;
  sort?: string;
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

export const OBJECT_VIEWS = ["changes", "uses", "history", "edit", "activity"] as const;

export interface ThreadsSearch {
  q?: string;
  thread?: string;
}

export interface ThreadSearch {
  /** The turn that is looked at. */
  turn?: string;
}

export interface ObjectSearch {
  version?: string;
  view?: (typeof OBJECT_VIEWS)[number];
  /** The version that changes are shown to, where it is not the previous one. */
  since?: string;
}

export const STRETCHES = ["-1h", "-24h", "-7d", "-30d", "all"] as const;
export type Stretch = (typeof STRETCHES)[number];

export interface OpsSearch {
  q?: string;
}

/** By what users are put in order; the most comes first. */
export const USER_ORDERS = ["traces", "errors", "latency", "tokens", "cost"] as const;
export type UserOrder = (typeof USER_ORDERS)[number];

export interface OverviewSearch {
  since?: Stretch;
  users?: UserOrder;
}

/** Two calls, by their ids. */
export interface DifferenceSearch {
  before?: string;
  after?: string;
}

export interface SqlSearch {
  query?: string;
}

// The router reads `?q=123` as a number; a search for 123 is a search for its digits.
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

export const oneOf = <T extends string>(options: readonly T[], value: unknown): T | undefined =>
  options.find((option) => option === value);

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export function given<T extends Search>(values: T): Partial<Given<T>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Given<T>>;
}

export const parseTracesSearch = (search: Search): TracesSearch =>
  given({
    q: searched(search),
    all: search["all"] === true ? (true as const) : undefined,
    call: text(search["call"]),
    facets: typeof search["facets"] === "boolean" ? search["facets"] : undefined,
    cols: text(search["cols"]),
    sort: text(search["sort"]),
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

export const parseThreadsSearch = (search: Search): ThreadsSearch => given({ q: text(search["q"]), thread: text(search["thread"]) });

export const parseThreadSearch = (search: Search): ThreadSearch => given({ turn: text(search["turn"]) });

export const parseObjectSearch = (search: Search): ObjectSearch =>
  given({ version: text(search["version"]), view: oneOf(OBJECT_VIEWS, search["view"]), since: text(search["since"]) });

export const parseObjectsSearch = (search: Search): ObjectsFilter =>
  given({ kind: text(search["kind"]), q: text(search["q"]), tag: text(search["tag"]), alias: text(search["alias"]), sort: oneOf(SORTS, search["sort"]) });

export const parseOpsSearch = (search: Search): OpsSearch => given({ q: text(search["q"]) });

export const parseOverviewSearch = (search: Search): OverviewSearch => given({ since: oneOf(STRETCHES, search["since"]), users: oneOf(USER_ORDERS, search["users"]) });

export const parseDifferenceSearch = (search: Search): DifferenceSearch => given({ before: text(search["before"]), after: text(search["after"]) });

export const parseSqlSearch = (search: Search): SqlSearch => given({ query: text(search["query"]) });
