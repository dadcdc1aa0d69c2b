import { useCallback, useState } from "react";

const STEP = 200;
/** How high a row of a table is. */
export const ROW = 34;

/** The first of many items, and more of them whenever `end` comes into sight; at least up to the place `least`. */
export function useGrowing<T>(items: readonly T[], least = 0) {
  const [most, setMost] = useState(STEP);
  const count = Math.max(most, least < STEP ? 0 : least + STEP);
  const end = useCallback((element: Element | null) => {
    if (element === null) return undefined;
    const observer = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) setMost(count + STEP); });
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, [count]);
  return { shown: items.slice(0, count), left: Math.max(items.length - count, 0), end };
}
