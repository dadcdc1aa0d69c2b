import { createContext, useContext } from "react";

import type { TracesSearch } from "@/lib/search";

/** Calls that are to become rows of a dataset: those that are named, else all that a search finds. */
export interface CallsToAdd {
  ids: readonly string[];
  /** A search that finds the same. */
  filter: Pick<TracesSearch, "q" | "all">;
  count: number;
}

const Opener = createContext<((calls: CallsToAdd) => void) | null>(null);

/** Who draws the dialog, provides what opens it. */
export const ToDataset = Opener.Provider;

/** Opens the dialog that makes rows of calls; null where there is none. */
export const useToDataset = () => useContext(Opener);
