import type { RefObject } from "react";

import { useKeys } from "./use-keys";

/** `j` and `k` go from one link to the next in a list that the browser scrolls; Enter then opens it. */
export function useWalk(place: RefObject<HTMLElement | null>, links: string) {
  const step = (by: 1 | -1) => {
    const all = [...(place.current?.querySelectorAll<HTMLElement>(links) ?? [])];
    const at = all.findIndex((link) => link === document.activeElement);
    const current = all.findIndex((link) => link.getAttribute("aria-current") === "page");
    const from = at === -1 ? current : at;
    all[Math.min(Math.max(from + by, 0), all.length - 1)]?.focus();
  };
  useKeys({ j: () => { step(1); }, k: () => { step(-1); } });
}
