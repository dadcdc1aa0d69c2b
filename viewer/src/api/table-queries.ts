import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "./client";
import { forever, IN_PARTS } from "./queries";
import type { TableChanges, TableRows } from "./types";

export const tableChangesQuery = (digest: string, since: string) =>
  queryOptions({ queryKey: ["table", digest, "changes", since], queryFn: ({ signal }) => get<TableChanges>(["tables", digest, "changes"], { since }, signal), ...forever });

/** A row with all of its cells. */
export const wholeRowQuery = (digest: string, index: number) =>
  queryOptions({ queryKey: ["table", digest, "row", index], queryFn: async ({ signal }) => (await get<TableRows>(["tables", digest, "rows"], { after: index - 1, limit: 1 }, signal)).rows[0]?.value, ...forever });

/** Rows with all of their columns and the start of large cells. */
export const tableRowsQuery = (digest: string) =>
  infiniteQueryOptions({
    queryKey: ["table", digest],
    queryFn: ({ pageParam, signal }) => get<TableRows>(["tables", digest, "rows"], { after: pageParam, limit: 100, ...IN_PARTS }, signal),
    initialPageParam: -1,
    getNextPageParam: (page) => page.next,
    ...forever,
  });
