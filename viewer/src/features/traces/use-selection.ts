import { useCallback, useRef, useState } from "react";

import type { ListedRow } from "@/api/queries";

/** What a search may name. */
export const MOST_IDS = 500;

export interface Selection {
  ids: ReadonlySet<string>;
  /** All that the search finds, also what is not loaded. */
  isAll: boolean;
}

const NOTHING: Selection = { ids: new Set(), isAll: false };

/** Rows that were marked. They stay marked while the search changes; all that match only as long as it does not. */
export function useSelection(searchKey: string) {
  const [state, setState] = useState(NOTHING);
  const [key, setKey] = useState(searchKey);
  const anchor = useRef<string | null>(null);
  if (key !== searchKey) {
    setKey(searchKey);
    if (state.isAll) setState(NOTHING);
  }
  /** With a range, all from the row that was marked before to this one. */
  const toggle = useCallback((row: ListedRow, rows: readonly ListedRow[], isRange: boolean) => {
    const from = isRange ? rows.findIndex(({ id }) => id === anchor.current) : -1;
    const to = rows.findIndex(({ id }) => id === row.id);
    anchor.current = row.id;
    setState(({ ids }) => {
      const next = new Set(ids);
      if (from === -1) { if (!next.delete(row.id)) next.add(row.id); } else for (const { id } of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(id);
      return { ids: next, isAll: false };
    });
  }, []);
  const toggleAll = useCallback((rows: readonly ListedRow[]) => {
    setState(({ ids, isAll }) => (isAll || rows.every(({ id }) => ids.has(id)) ? NOTHING : { ids: new Set([...ids, ...rows.map(({ id }) => id)]), isAll: false }));
  }, []);
  const clear = useCallback(() => { setState(NOTHING); }, []);
  const selectAll = useCallback(() => { setState(({ ids }) => ({ ids, isAll: true })); }, []);
  return { ...state, toggle, toggleAll, clear, selectAll };
}

export type Selecting = ReturnType<typeof useSelection>;
