import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { get, post, urlOf } from "./client";
import { forever, inProject, keyOf, LIVE, type ProjectId } from "./queries";
import { isObject, parseRef } from "@/lib/json";

import type { CellBodies, ComparedCell, EvaluationRun, ObjectVersion, OpVersion, Outline, RowHistory, RunScores, Standings } from "./types";

const at = (p: ProjectId, ...rest: string[]) => inProject(p, "evaluations", ...rest);

/** So many runs the server reads, the newest. */
export const LISTED_RUNS = 200;

export const evaluationsQuery = (p: ProjectId) =>
  queryOptions({ queryKey: keyOf(p, "evaluations"), queryFn: ({ signal }) => get<{ evaluations: EvaluationRun[] }>(at(p), {}, signal), ...LIVE });

const hasEnded = (run: EvaluationRun) => run.status === "success" || run.status === "error";

/** What the rows of a run say; it is asked for again only while the run goes on. */
export const scoresQuery = (p: ProjectId, run: EvaluationRun) =>
  queryOptions({
    queryKey: keyOf(p, "evaluation-scores", run.id, hasEnded(run) ? "ended" : run.rows),
    queryFn: async ({ signal }) => (await get<{ runs: RunScores[] }>(at(p, "scores"), { ids: run.id }, signal)).runs[0] ?? null,
    placeholderData: keepPreviousData,
    ...forever,
  });

export const outlineQuery = (p: ProjectId, ids: string) =>
  queryOptions({
    queryKey: keyOf(p, "outline", ids),
    queryFn: ({ signal }) => get<Outline>(at(p, "compare", "outline"), { ids }, signal),
    placeholderData: keepPreviousData,
    meta: { isLive: (data) => data === undefined || (data as Outline).comparison.runs.some((run) => run.status === "running") },
  });

/** What the runs said for some rows, by the call of the cell and the digest of the row. */
export interface ComparedPiece {
  cells: ReadonlyMap<string, ComparedCell>;
  rows: ReadonlyMap<string, unknown>;
}

/** Cells never change once they are done, so they are read once. */
export const bodiesQuery = (p: ProjectId, calls: readonly string[], rows: readonly string[]) =>
  queryOptions({
    queryKey: keyOf(p, "cells", calls.join(), rows.join()),
    queryFn: async ({ signal }): Promise<ComparedPiece> => {
      const found = await get<CellBodies>(at(p, "cells"), { ids: calls.join(","), rows: rows.join(",") }, signal);
      return { cells: new Map(found.cells.map((cell) => [cell.call_id, cell])), rows: new Map(Object.entries(found.rows)) };
    },
    ...forever,
  });

export const standingsQuery = (p: ProjectId, chosen: { name?: string; dataset?: string }) =>
  queryOptions({ queryKey: keyOf(p, "leaderboard", chosen), queryFn: ({ signal }) => get<Standings>(at(p, "leaderboard"), { ...chosen }, signal), placeholderData: keepPreviousData, ...LIVE });

export const rowHistoryQuery = (p: ProjectId, evaluation: string, row: string) =>
  queryOptions({ queryKey: keyOf(p, "row-history", evaluation, row), queryFn: ({ signal }) => get<RowHistory>(at(p, "history"), { evaluation, row }, signal), ...LIVE });

export const exportAddress = (p: ProjectId, ids: string, form: "markdown" | "csv") => urlOf(at(p, "compare", "export"), { ids, form });

/** From now on others are measured against this run, here and in the terminal. */
export function useMakeBaseline(p: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post<EvaluationRun>(at(p, "baseline"), { id }),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: evaluationsQuery(p).queryKey }), client.invalidateQueries({ queryKey: outlineQuery(p, "").queryKey.slice(0, -1) })]),
  });
}

const DEPTH = 4;

/** The value of an object with what it refers to in place of the references: prompts by their text, ops by their code. */
export const describedQuery = (ref: string | null) =>
  queryOptions({ queryKey: ["described", ref], queryFn: ({ signal }) => (ref === null ? null : describe(ref, DEPTH, signal)), ...forever });

async function describe(value: unknown, depth: number, signal: AbortSignal): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => describe(item, depth, signal)));
  if (isObject(value)) return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, item]): Promise<[string, unknown]> => [key, await describe(item, depth, signal)])));
  const target = typeof value === "string" ? parseRef(value) : null;
  if (target === null || depth === 0 || target.row !== null) return value;
  const { entity, project, kind, name, digest } = target;
  try {
    if (kind === "op") return (await get<OpVersion>(inProject({ entity, project }, "op", "version"), { name, version: digest }, signal)).code;
    const found = await get<ObjectVersion>(inProject({ entity, project }, "objects", name, digest), {}, signal);
    return found.table === null ? await describe(found.value, depth - 1, signal) : `${name}:${digest.slice(0, 6)}`;
  } catch (error) {
    if (signal.aborted) throw error;
    return value;
  }
}
