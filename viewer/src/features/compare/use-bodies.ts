import { useQueries, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import { bodiesQuery, type ComparedPiece } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { Outline } from "@/api/types";
import type { Sorted } from "@/lib/outline";

/** The server answers at most so many cells at once. */
const MOST_CELLS = 320;
const MOST_ROWS = 16;

/** What the runs said for the rows in sight, read by the piece; pieces begin at fixed places, so that scrolling asks for each once. */
export function useBodies(p: ProjectId, outline: Outline, rows: readonly Sorted[], first: number, last: number): (row: number) => ComparedPiece | undefined {
  const { size, queryOf } = usePieces(p, outline, rows);
  const from = Math.floor(first / size);
  const queries = [];
  for (let piece = from; piece * size <= last; piece += 1) queries.push(queryOf(piece));
  const found = useQueries({ queries, combine: dataOf });
  return (row) => found[Math.floor(row / size) - from];
}

const dataOf = (results: UseQueryResult<ComparedPiece>[]) => results.map((result) => result.data);

/** The question of each piece is put together once: it names hundreds of cells, and scrolling looks at it with each frame. */
function usePieces(p: ProjectId, outline: Outline, rows: readonly Sorted[]) {
  const client = useQueryClient();
  return useMemo(() => {
    const cellsOfRow = Math.max(1, ...rows.slice(0, 50).map(({ entry }) => entry.places.length)) * outline.calls.length;
    const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / cellsOfRow)));
    const put = (piece: number) => {
      const entries = rows.slice(piece * size, (piece + 1) * size).map(({ entry }) => entry);
      const calls = entries.flatMap(({ places }) => places.flatMap((place) => outline.calls.flatMap((of) => of[place] ?? [])));
      return client.defaultQueryOptions(bodiesQuery(p, calls, [...new Set(entries.map(({ digest }) => digest))]));
    };
    const known = new Map<number, ReturnType<typeof put>>();
    const queryOf = (piece: number) => {
      const query = known.get(piece) ?? put(piece);
      known.set(piece, query);
      return query;
    };
    return { size, queryOf };
  }, [client, p, outline, rows]);
}
