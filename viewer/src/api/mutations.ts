import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import { post, remove } from "./client";
import { type CallFilter, callQuery, type ChosenCalls, chosenCalls, callsQuery, labelsQuery, objectQuery, objectsQuery, type ProjectId, traceQuery, viewsQuery } from "./queries";
import type { AddedRows, DeletedCalls, Feedback, LabelChanges, ObjectVersion, SavedView } from "./types";

const pathOf = (p: ProjectId, ...rest: string[]) => ["projects", p.entity, p.project, ...rest];

interface CallId {
  id: string;
  trace_id: string;
}

/** Feedback changes a call that is otherwise final, so its cached copies are told. */
const refresh = (client: QueryClient, p: ProjectId, call: CallId) =>
  Promise.all([client.invalidateQueries({ queryKey: callQuery(p, call.id).queryKey }), client.invalidateQueries({ queryKey: traceQuery(p, call.trace_id).queryKey })]);

export function useAddFeedback(p: ProjectId, call: CallId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { type: "reaction" | "note"; value: string }) => post<Feedback>(pathOf(p, "calls", call.id, "feedback"), given),
    onSuccess: () => refresh(client, p, call),
  });
}

/** Answers what an AnnotationSpec asks. */
export function useAnnotate(p: ProjectId, call: CallId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { spec: string; value: unknown }) => post<Feedback>(pathOf(p, "calls", call.id, "annotations"), given),
    onSuccess: () => refresh(client, p, call),
  });
}

export function useRemoveFeedback(p: ProjectId, call: CallId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove<{ deleted: number }>(pathOf(p, "feedback", id)),
    onSuccess: () => refresh(client, p, call),
  });
}

/** When the whole trace goes, it is not asked for again: the page is left. */
export function useDeleteCall(p: ProjectId, call: CallId, isWholeTrace: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove<{ deleted: number }>(pathOf(p, "calls", call.id)),
    onSuccess: async () => {
      client.removeQueries({ queryKey: callsQuery(p, {}).queryKey.slice(0, 4) });
      await client.invalidateQueries({ queryKey: traceQuery(p, call.trace_id).queryKey, refetchType: isWholeTrace ? "none" : "active" });
    },
  });
}

/** Deletes what a search finds, with all below; every list is read anew. */
export function useDeleteCalls(p: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (chosen: CallFilter) => post<DeletedCalls>(pathOf(p, "calls", "delete"), { q: chosen.q ?? "", trace_roots_only: chosen.all !== true }),
    onSuccess: () => client.resetQueries({ queryKey: callsQuery(p, {}).queryKey.slice(0, 4) }),
  });
}

export function useSaveView(p: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (view: Pick<SavedView, "label" | "search" | "all" | "columns">) => post<SavedView>(pathOf(p, "views"), view),
    onSuccess: () => client.invalidateQueries({ queryKey: viewsQuery(p).queryKey }),
  });
}

export function useDeleteView(p: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => remove<{ deleted: number }>(pathOf(p, "views", name)),
    onSuccess: () => client.invalidateQueries({ queryKey: viewsQuery(p).queryKey }),
  });
}

export interface NewLabel {
  kind: "alias" | "tag";
  label: string;
  version: string;
  is_set: boolean;
}

/** An alias that moves leaves another version: all versions are read again. */
export function useSetLabel(p: ProjectId, name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (label: NewLabel) => post<LabelChanges>(pathOf(p, "labels"), { name, ...label }),
    onSuccess: async (changes) => {
      client.setQueryData(labelsQuery(p, name).queryKey, changes);
      await Promise.all([client.invalidateQueries({ queryKey: objectQuery(p, name).queryKey }), client.invalidateQueries({ queryKey: objectsQuery(p).queryKey })]);
    },
  });
}

export interface NewRows {
  base: string | null;
  latest: string | null;
  cells: Record<number, Record<string, string>>;
  deleted: number[];
  added: Record<string, string>[];
  filled: Record<string, string>;
}

/** A new version is in the lists, and is the newest. */
const refreshObject = (client: QueryClient, p: ProjectId, name: string) =>
  Promise.all([client.invalidateQueries({ queryKey: objectQuery(p, name).queryKey }), client.invalidateQueries({ queryKey: objectsQuery(p).queryKey })]);

export function usePublishDataset(p: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, rows }: { name: string; rows: NewRows }) => post<ObjectVersion>(pathOf(p, "datasets", name), rows),
    onSuccess: (made) => refreshObject(client, p, made.name),
  });
}

export interface CallsAsRows {
  columns: Record<string, string>;
  call_column: string | null;
  latest: string | null;
}

/** Makes rows of calls: the server reads them. Somebody else's version is read too, so that the next try builds on it. */
export function useAddCalls(p: ProjectId, calls: ChosenCalls) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, rows }: { name: string; rows: CallsAsRows }) => post<AddedRows>(pathOf(p, "datasets", name, "calls"), { ...chosenCalls(calls), ...rows }),
    onSettled: (_made, _error, { name }) => refreshObject(client, p, name),
  });
}
