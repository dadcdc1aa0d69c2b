import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import type { ProjectId } from "@/api/queries";
import type { Measure, Outline } from "@/api/types";
import type { CompareSearch } from "@/lib/evaluation-search";
import { entriesOf, type Focus, meansOf, sortedEntries } from "@/lib/outline";

export const FROM = "/$entity/$project/evaluations/compare";

export function useProject(): ProjectId {
  const { entity, project } = useParams({ from: FROM });
  return useMemo(() => ({ entity, project }), [entity, project]);
}

/** Changes the address: what differs between two looks at the same runs replaces, other runs are a step back. */
export function useChange() {
  const navigate = useNavigate({ from: FROM });
  return useCallback((changes: { [K in keyof CompareSearch]?: CompareSearch[K] | undefined }) => {
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined)) as unknown as CompareSearch,
      replace: changes.ids === undefined,
      resetScroll: false,
    });
  }, [navigate]);
}

/** The rows in the order and the groups that the address asks for. */
export function useRows(outline: Outline) {
  const { metric, run, sort } = useSearch({ from: FROM });
  const entries = useMemo(() => entriesOf(outline), [outline]);
  const means = useMemo(() => meansOf(entries), [entries]);
  const focus = useMemo(() => focusOf(outline, metric, run), [outline, metric, run]);
  const sorted = useMemo(() => sortedEntries(outline, entries, focus, sort === "row" || outline.calls.length === 1, means), [outline, entries, focus, sort, means]);
  return { focus, sorted };
}

function focusOf(outline: Outline, metric: string | undefined, run: string | undefined): Focus & { measure: Measure | undefined } {
  const place = outline.comparison.runs.findIndex((each) => each.id === run);
  return { measure: outline.measures.find((each) => each.name === metric), run: place > 0 ? place : undefined };
}
