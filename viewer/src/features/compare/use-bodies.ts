import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";

import { bodiesQuery } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { ComparedCell, Outline } from "@/api/types";
import type { Sorted } from "@/lib/outline";

/** The server answers at most so many cells at once. */
const MOST_CELLS = 320;
const MOST_ROWS = 16;

export interface BodiesById {
  cells: ReadonlyMap<string, ComparedCell>;
  rows: ReadonlyMap<string, unknown>;
}

/** What the runs said for the rows in sight, read by the piece; pieces begin at fixed places, so that scrolling asks for each once. */
export function useBodies(p: ProjectId, outline: Outline, rows: readonly Sorted[], first: number, last: number): BodiesById {
  const cellsOfRow = Math.max(1, ...rows.slice(0, 50).map(({ entry }) => entry.places.length)) * outline.calls.length;
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / cellsOfRow)));
  const pieces = [];
  for (let piece = Math.floor(first / size); piece * size <= last; piece += 1) pieces.push(rows.slice(piece * size, (piece + 1) * size));
  const found = useQueries({
    queries: pieces.map((piece) => {
      const calls = piece.flatMap(({ entry }) => entry.places.flatMap((place) => outline.calls.flatMap((of) => of[place] ?? [])));
      return bodiesQuery(p, calls, [...new Set(piece.map(({ entry }) => entry.digest))]);
    }),
    combine: (results) => results.map((result) => result.data),
  });
  return useMemo(() => ({
    cells: new Map(found.flatMap((data) => data?.cells.map((cell): [string, ComparedCell] => [cell.call_id, cell]) ?? [])),
    rows: new Map(found.flatMap((data) => Object.entries(data?.rows ?? {}))),
  }), [found]);
}
