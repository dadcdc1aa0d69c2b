import { type QueryFilters, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { type ProjectId, revisionQuery } from "@/api/queries";

/** Asks each second whether the store has changed, and then again for whatever on the page can have changed with it. */
export function useLive({ entity, project }: ProjectId): { trouble: Error | null } {
  const client = useQueryClient();
  const { data, dataUpdatedAt: askedAt, error: trouble } = useQuery(revisionQuery({ entity, project }));
  const revision = data?.revision;
  const seen = useRef<string | undefined>(undefined);
  useEffect(() => {
    const isFirst = seen.current === undefined;
    if (revision === undefined || revision === seen.current) return;
    const live: QueryFilters = { queryKey: ["project", entity, project], predicate: (query) => query.meta?.isLive(query.state.data) ?? false };
    // Asking anew would drop what is on its way: a large trace in a busy store would never arrive.
    if (!isFirst && client.isFetching(live) > 0) return;
    seen.current = revision;
    if (!isFirst) void client.invalidateQueries(live);
  }, [askedAt, client, entity, project, revision]);
  return { trouble };
}
