import { useState } from "react";

import type { Look } from "@/lib/looks";

const KEY = "weavelite.looks";
const MOST = 300;

function known(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

/** How a value is looked at; chosen once for a place, it is the same there in the next call. */
export function useLook(place: string, looks: readonly Look[]): [Look, (look: Look) => void] {
  const [chosen, setChosen] = useState(() => known()[place]);
  const look = looks.find((each) => each === chosen) ?? looks[0] ?? "tree";
  const choose = (next: Look) => {
    setChosen(next);
    const entries = Object.entries(known()).filter(([key]) => key !== place).slice(-MOST);
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...entries, [place, next]])));
    } catch { /* A page from the disk may have no storage: then it is forgotten. */ }
  };
  return [look, choose];
}
