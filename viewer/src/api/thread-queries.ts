import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { Body } from "@/lib/bodies";
import { spokenCalls, type Spoken } from "@/lib/conversation";
import { callsOfTurn } from "@/lib/thread";

import { get } from "./client";
import { inProject, keyOf, LIVE, type ProjectId, readBodies, traceQuery } from "./queries";
import type { CallHeader, CallPage, ListedCall, ThreadPage, ThreadSummary } from "./types";

const THREADS = 50;
const TURNS = 20;
/** Of a turn with more calls of models and tools the first are read; its trace has them all. */
const MOST_SPOKEN = 120;

export const threadsQuery = (p: ProjectId, q: string) =>
  infiniteQueryOptions({
    queryKey: keyOf(p, "threads", q),
    queryFn: ({ pageParam, signal }) => get<ThreadPage>(inProject(p, "threads"), { q, before: pageParam, limit: THREADS }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    ...LIVE,
  });

export const threadQuery = (p: ProjectId, id: string) =>
  queryOptions({ queryKey: keyOf(p, "thread", id), queryFn: ({ signal }) => get<ThreadSummary>(inProject(p, "thread"), { id }, signal), ...LIVE });

/** The newest page first: a conversation is read from its end. */
export const turnsQuery = (p: ProjectId, id: string) =>
  infiniteQueryOptions({
    queryKey: keyOf(p, "turns", id),
    queryFn: ({ pageParam, signal }) => get<CallPage>(inProject(p, "thread", "turns"), { id, before: pageParam, limit: TURNS }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    ...LIVE,
  });

export interface TurnRead {
  id: string;
  nodes: Spoken<CallHeader>[];
  bodies: Body[];
  /** How many calls of models and tools were left out. */
  left: number;
}

/** What was said in a turn: it is read again only while a call of it runs. */
export const turnQuery = (p: ProjectId, turn: ListedCall) =>
  queryOptions({
    queryKey: keyOf(p, "turn", turn.id),
    queryFn: async ({ client, signal }): Promise<TurnRead> => {
      const trace = await client.fetchQuery({ ...traceQuery(p, turn.trace_id), staleTime: turn.end_us === null ? 0 : 30_000 });
      const nodes = callsOfTurn(trace.calls, turn.span_id);
      const spoken = spokenCalls(nodes).map((call) => call.id);
      return { id: turn.id, nodes, bodies: await readBodies(p, spoken.slice(0, MOST_SPOKEN), signal), left: Math.max(spoken.length - MOST_SPOKEN, 0) };
    },
    meta: { isLive: (data) => data === undefined || (data as TurnRead).nodes.some(({ call }) => call.status === "running") },
    staleTime: 30_000,
  });

