import { useSyncExternalStore } from "react";

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

let chosen: Readonly<Record<string, string>> | undefined;
const listeners = new Set<() => void>();
const looksOfAll = () => (chosen ??= known());

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}

function choose(place: string, look: Look) {
  const entries = Object.entries(looksOfAll()).filter(([key]) => key !== place).slice(-MOST);
  chosen = Object.fromEntries([...entries, [place, look]]);
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch { /* A page from the disk may have no storage: then it is forgotten. */ }
  listeners.forEach((listener) => { listener(); });
}

/** How a value is looked at; chosen once for a place, it is the same for all that is there, and in the next call. */
export function useLook(place: string, looks: readonly Look[]): [Look, (look: Look) => void] {
  const wanted = useSyncExternalStore(subscribe, () => looksOfAll()[place]);
  const look = looks.find((each) => each === wanted) ?? looks[0] ?? "tree";
  return [look, (next) => { choose(place, next); }];
}
