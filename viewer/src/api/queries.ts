import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { type Body, expandBodies } from "@/lib/bodies";
import type { TracesSearch } from "@/lib/search";
import { summarize } from "@/lib/summary";

import { urlOf, get, post } from "./client";
import { isShared } from "./share";
import { unpackTrace } from "./unpack-trace";
import type {
  Bodies, CallDetail, CallPage, DeletedCalls, Facet, LabelChanges, Lineage, ListColumn, ListedCall, ObjectSummary, ObjectVersion, ObjectVersions, OpActivity, OpNeighbours, OpSummary, OpVersion, OpVersions, PackedTrace, Previews,
  ProjectList, Revision, RowsPreview, SavedView, SearchCheck, ServerInfo, SqlResult, SqlViews, Spend, Stats, Trace, TraceComparison, Uses,
} from "./types";

export interface ProjectId {
  entity: string;
  project: string;
}

export type CallFilter = Pick<TracesSearch, "q" | "all">;

const PAGE = 50;
/** Asks for the start of what is large; a shared page holds all of it. */
export const IN_PARTS: { in_parts?: boolean } = isShared ? {} : { in_parts: true };
/** Calls in another order than that of time are read once: so many of them. */
const SORTED = 500;
export const inProject = (p: ProjectId, ...rest: string[]) => ["projects", p.entity, p.project, ...rest];
export const keyOf = (p: ProjectId, ...rest: unknown[]) => ["project", p.entity, p.project, ...rest];
const paramsOf = (filter: CallFilter) => ({ q: filter.q, trace_roots_only: filter.all !== true });

/**
 * `meta.isLive` says which answers to ask for again when the store has changed: it is given the answer at hand.
 * Everything else here never changes once written, and is kept.
 */
export const LIVE = { meta: { isLive: () => true } };
export const forever = { staleTime: Infinity };

export const projectsQuery = () => queryOptions({ queryKey: ["projects"], queryFn: ({ signal }) => get<ProjectList>(["projects"], {}, signal), staleTime: 10_000 });

export const serverQuery = () => queryOptions({ queryKey: ["server"], queryFn: ({ signal }) => get<ServerInfo>(["server"], {}, signal), ...forever });

export const revisionQuery = (p: ProjectId) =>
  queryOptions({ queryKey: ["revision", p.entity, p.project], queryFn: ({ signal }) => get<Revision>(inProject(p, "revision"), {}, signal), refetchInterval: 1_000, retry: false });

/** A list of calls: which, what is read of each beside what all have, and their order. */
export interface CallList extends CallFilter {
  fields?: readonly string[];
  sort?: string | undefined;
}

/** A listed call with what was asked for of it, by field. */
export type ListedRow = ListedCall & { shown: Readonly<Record<string, ListedCall["values"][number]>> };
export interface RowPage {
  calls: ListedRow[];
  next: string | null;
}

const isInPages = (sort: string | undefined) => sort === undefined || sort.startsWith("started_at:");

export async function readCalls(p: ProjectId, { fields = [], sort, ...filter }: CallList, before: string | null, signal?: AbortSignal): Promise<RowPage> {
  const asked = isShared ? {} : { columns: fields.join(","), sort };
  const page = await get<CallPage>(inProject(p, "calls"), { ...paramsOf(filter), before, limit: isInPages(sort) ? PAGE : SORTED, ...asked }, signal);
  return { next: page.next, calls: page.calls.map((call): ListedRow => ({ ...call, shown: Object.fromEntries(call.values.flatMap((value, i) => (fields[i] === undefined ? [] : [[fields[i], value]]))) })) };
}

/** Kept as it is while the reader is on it: new rows are merged in by hand, since reading every page again would be slow. */
/** So long one reads a trace, and comes back to a list of many pages. */
const READ_S = 1_800;

export const callsQuery = (p: ProjectId, list: CallList) =>
  infiniteQueryOptions({
    queryKey: keyOf(p, "calls", list),
    queryFn: ({ pageParam, signal }) => readCalls(p, list, pageParam, signal),
    placeholderData: keepPreviousData,
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    ...forever,
    gcTime: READ_S * 1_000,
  });

/** `without` leaves out the terms of a key. */
export const statsQuery = (p: ProjectId, filter: CallFilter, without?: string) =>
  queryOptions({ queryKey: keyOf(p, "stats", filter, without), queryFn: ({ signal }) => get<Stats>(inProject(p, "stats"), { ...paramsOf(filter), without }, signal), placeholderData: keepPreviousData, ...LIVE });

const SUMMED_AT_ONCE = 20_000;

/** What the calls of a search, or all calls of its traces, used and cost; of many it is not asked anew with each that comes. */
export const spentQuery = (p: ProjectId, filter: CallFilter, calls: number) =>
  queryOptions({ queryKey: keyOf(p, "stats", "spend", filter), queryFn: ({ signal }) => get<Spend>(inProject(p, "stats", "spend"), paramsOf(filter), signal), placeholderData: keepPreviousData, ...(calls > SUMMED_AT_ONCE ? { staleTime: 60_000 } : LIVE) });

export const facetsQuery = (p: ProjectId, filter: CallFilter) =>
  queryOptions({ queryKey: keyOf(p, "facets", filter), queryFn: ({ signal }) => get<{ facets: Facet[] }>(inProject(p, "facets"), paramsOf(filter), signal), placeholderData: keepPreviousData, ...LIVE });

export const EXPORTS = [["csv", "CSV"], ["json", "JSON"], ["jsonl", "JSONL"], ["parquet", "Parquet"]] as const;

/** Where the browser downloads calls from: it is written to the disk as it comes. */
export const exportAddress = (p: ProjectId, filter: CallFilter, format: string): string =>
  urlOf(inProject(p, "calls", "export"), { ...paramsOf(filter), format });

/** How many calls a deletion would take, with all below them. */
export const doomedQuery = (p: ProjectId, filter: CallFilter) =>
  queryOptions({ queryKey: keyOf(p, "doomed", filter), queryFn: () => post<DeletedCalls>([...inProject(p, "calls", "delete")], { q: filter.q ?? "", trace_roots_only: filter.all !== true }, { dry: true }), gcTime: 0 });

/** Calls that are named, else all that a search finds. */
export interface ChosenCalls {
  ids: readonly string[];
  filter: CallFilter;
}

export const chosenCalls = ({ ids, filter }: ChosenCalls) => (ids.length > 0 ? { ids } : { q: filter.q ?? "", trace_roots_only: filter.all !== true });

/** The first rows that calls would make, by field, with the call in the column CALL. */
export const CALL = " call";
export const rowsPreviewQuery = (p: ProjectId, calls: ChosenCalls, fields: readonly string[]) =>
  queryOptions({
    queryKey: keyOf(p, "rows", calls.ids, calls.filter, fields),
    queryFn: () => post<RowsPreview>(inProject(p, "rows", "preview"), { ...chosenCalls(calls), columns: Object.fromEntries(fields.map((field) => [field, field])), call_column: CALL }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

/** What the newest calls hold, to choose columns of. */
export const columnsQuery = (p: ProjectId, filter: CallFilter) =>
  queryOptions({ queryKey: keyOf(p, "columns", filter), queryFn: ({ signal }) => get<{ columns: ListColumn[] }>(inProject(p, "columns"), paramsOf(filter), signal), staleTime: 30_000, placeholderData: keepPreviousData });

export const viewsQuery = (p: ProjectId) =>
  queryOptions({ queryKey: keyOf(p, "views"), queryFn: ({ signal }) => get<{ views: SavedView[] }>(inProject(p, "views"), {}, signal), ...LIVE });

/** Whether a search can be used is asked first, so that a half-typed one costs no failed request. */
export const searchQuery = (p: ProjectId, q: string) =>
  queryOptions({ queryKey: ["search", q], queryFn: ({ signal }) => get<SearchCheck>(inProject(p, "search"), { q }, signal), enabled: q !== "", ...forever });

/** All calls of a trace. It may be read ahead and never opened, and be large: it is let go soon. */
export const traceQuery = (p: ProjectId, traceId: string) =>
  queryOptions({
    queryKey: keyOf(p, "trace", traceId),
    queryFn: async ({ signal }): Promise<Trace> => (isShared ? get<Trace>(inProject(p, "traces", traceId), {}, signal) : unpackTrace(await get<PackedTrace>(inProject(p, "traces", traceId, "packed"), {}, signal))),
    meta: { isLive: (data) => data === undefined || (data as Trace).calls.some((call) => call.status === "running") },
    gcTime: 60_000,
  });

/** A shared page holds each call, but not the answers about several of them. */
const readEach = (p: ProjectId, ids: readonly string[]) => Promise.all(ids.map((id) => get<CallDetail>(inProject(p, "calls", id), {})));

/** Previews and scores of some calls of a trace. */
export const previewsQuery = (p: ProjectId, ids: readonly string[], isRunning: boolean) =>
  queryOptions({
    queryKey: keyOf(p, "previews", ids, isRunning),
    queryFn: async ({ signal }): Promise<Previews> => (isShared ? { calls: (await readEach(p, ids)).map((call) => ({ ...call, input_preview: summarize(call.inputs), output_preview: call.end_us === null ? "" : summarize(call.output), values: [] })) } : get<Previews>(inProject(p, "previews"), { ids: ids.join(",") }, signal)),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

const BODIES = 40;

async function readPiece(p: ProjectId, ids: readonly string[], signal?: AbortSignal): Promise<Body[]> {
  return isShared ? readEach(p, ids) : expandBodies(await get<Bodies>(inProject(p, "bodies"), { ids: ids.join(","), in_parts: true }, signal));
}

/** Inputs and outputs of some calls, with the start of what is large, all at once. */
export async function readBodies(p: ProjectId, ids: readonly string[], signal: AbortSignal): Promise<Body[]> {
  const pieces = Array.from({ length: Math.ceil(ids.length / BODIES) }, (_, i) => ids.slice(i * BODIES, (i + 1) * BODIES));
  return (await Promise.all(pieces.map((piece) => readPiece(p, piece, signal)))).flat();
}

/** Inputs and outputs of many calls, a piece at a time, in the order of `ids`. `version` changes when one of them may have ended. */
export const bodiesQuery = (p: ProjectId, ids: readonly string[], version: number) =>
  infiniteQueryOptions({
    queryKey: keyOf(p, "bodies", ids, version),
    queryFn: ({ pageParam, signal }) => readPiece(p, ids.slice(pageParam, pageParam + BODIES), signal),
    initialPageParam: 0,
    getNextPageParam: (_page, _pages, from: number) => (from + BODIES < ids.length ? from + BODIES : undefined),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

const wholeCall = (p: ProjectId, id: string, signal: AbortSignal) => get<CallDetail>(inProject(p, "calls", id), {}, signal);

/** A call with all of its values, however large. */
export const wholeCallQuery = (p: ProjectId, id: string) => queryOptions({ queryKey: keyOf(p, "call", id, "whole"), queryFn: ({ signal }) => wholeCall(p, id, signal), staleTime: 30_000 });

/** A call with the start of what is large. */
export const callQuery = (p: ProjectId, id: string) =>
  queryOptions({
    queryKey: keyOf(p, "call", id),
    queryFn: async ({ signal }): Promise<CallDetail> => (isShared ? { ...await wholeCall(p, id, signal), cuts: [], sizes: {} } : get<CallDetail>(inProject(p, "calls", id), { in_parts: true }, signal)),
    meta: { isLive: (data) => data === undefined || (data as CallDetail).status === "running" },
    staleTime: 30_000,
  });

export const opsQuery = (p: ProjectId) =>
  queryOptions({ queryKey: keyOf(p, "ops"), queryFn: ({ signal }) => get<{ ops: OpSummary[] }>(inProject(p, "ops"), {}, signal), ...LIVE });

export const opQuery = (p: ProjectId, name: string) =>
  queryOptions({ queryKey: keyOf(p, "op", name), queryFn: ({ signal }) => get<OpVersions>(inProject(p, "op"), { name }, signal), ...LIVE });

export const opVersionQuery = (p: ProjectId, name: string, digest: string) =>
  queryOptions({ queryKey: keyOf(p, "op", name, digest), queryFn: ({ signal }) => get<OpVersion>(inProject(p, "op", "version"), { name, version: digest }, signal), ...forever });

export const objectsQuery = (p: ProjectId) =>
  queryOptions({ queryKey: keyOf(p, "objects"), queryFn: ({ signal }) => get<{ objects: ObjectSummary[] }>(inProject(p, "objects"), {}, signal), ...LIVE });

export const objectQuery = (p: ProjectId, name: string) =>
  queryOptions({ queryKey: keyOf(p, "object", name), queryFn: ({ signal }) => get<ObjectVersions>(inProject(p, "objects", name), {}, signal), ...LIVE });

export const objectVersionQuery = (p: ProjectId, name: string, version: string) =>
  queryOptions({ queryKey: keyOf(p, "object", name, version), queryFn: ({ signal }) => get<ObjectVersion>(inProject(p, "objects", name, version), IN_PARTS, signal), ...forever });

/** A version with all of its value, however large. */
export const wholeVersionQuery = (p: ProjectId, name: string, version: string) =>
  queryOptions({ queryKey: keyOf(p, "object", name, version, "whole"), queryFn: ({ signal }) => get<ObjectVersion>(inProject(p, "objects", name, version), {}, signal), ...forever });

export const labelsQuery = (p: ProjectId, name: string) =>
  queryOptions({ queryKey: keyOf(p, "labels", name), queryFn: ({ signal }) => get<LabelChanges>(inProject(p, "labels"), { name }, signal), ...LIVE });

export const refOf = (p: ProjectId, kind: "object" | "op", name: string, digest: string) => `weave:///${p.entity}/${p.project}/${kind}/${name}:${digest}`;

export const usesQuery = (p: ProjectId, ref: string) =>
  queryOptions({ queryKey: keyOf(p, "uses", ref), queryFn: ({ signal }) => get<Uses>(inProject(p, "uses"), { ref }, signal), staleTime: 30_000 });

export const lineageQuery = (p: ProjectId, ref: string) =>
  queryOptions({ queryKey: keyOf(p, "lineage", ref), queryFn: ({ signal }) => get<Lineage>(inProject(p, "lineage"), { ref }, signal), staleTime: 30_000 });

export const opActivityQuery = (p: ProjectId, name: string) =>
  queryOptions({ queryKey: keyOf(p, "op", name, "activity"), queryFn: ({ signal }) => get<OpActivity>(inProject(p, "op", "activity"), { name }, signal), staleTime: 30_000 });

export const opNeighboursQuery = (p: ProjectId, name: string) =>
  queryOptions({ queryKey: keyOf(p, "op", name, "neighbours"), queryFn: ({ signal }) => get<OpNeighbours>(inProject(p, "op", "neighbours"), { name }, signal), staleTime: 30_000 });

export const sqlViewsQuery = (p: ProjectId) => queryOptions({ queryKey: keyOf(p, "sql", "views"), queryFn: ({ signal }) => get<SqlViews>(inProject(p, "sql"), {}, signal), ...forever });

/** A question, though it is posted: the text may be long. It is asked again only by who runs it again. */
export const sqlQuery = (p: ProjectId, query: string | undefined) =>
  queryOptions({ queryKey: keyOf(p, "sql", query), queryFn: () => post<SqlResult>(inProject(p, "sql"), { query }), enabled: query !== undefined, retry: false, refetchOnWindowFocus: false, ...forever });

export const differenceQuery = (p: ProjectId, before: string, after: string) =>
  queryOptions({ queryKey: keyOf(p, "difference", before, after), queryFn: ({ signal }) => get<TraceComparison>(inProject(p, "difference"), { before, after }, signal) });
