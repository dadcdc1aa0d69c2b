import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { type ProjectId, revisionQuery } from "@/api/queries";

/** Asks each second whether the store has changed, and then again for whatever on the page can have changed with it. */
export function useLive({ entity, project }: ProjectId): { isDown: boolean } {
  const client = useQueryClient();
  const { data, isError } = useQuery(revisionQuery({ entity, project }));
  const revision = data?.revision;
  const seen = useRef<string | undefined>(undefined);
  useEffect(() => {
    const isFirst = seen.current === undefined;
    if (revision === undefined || revision === seen.current) return;
    seen.current = revision;
    if (isFirst) return;
    void client.invalidateQueries({
      queryKey: ["project", entity, project],
      predicate: (query) => query.meta?.isLive(query.state.data) ?? false,
    });
  }, [client, entity, project, revision]);
  return { isDown: isError };
}
