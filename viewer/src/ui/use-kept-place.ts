import { useRouter, useRouterState } from "@tanstack/react-router";
import type { VirtualItem } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";

interface Place {
  /** What was listed there. */
  of: string;
  top: number;
  /** How high the rows were, where they are of different heights. */
  measured?: VirtualItem[];
}

/** Where pages were scrolled to, by their number in the browser's history. */
const places = new Map<number, Place>();

/** What was further on in the history is gone when a page is opened anew. */
export function forgetPlaces(from: number) {
  for (const at of places.keys()) if (at >= from) places.delete(at);
}

/** Back and forward lead to what was in sight: a scroller comes back to where it stood, while it lists the same (`of`). A page has one that does. */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>, of = "") {
  const router = useRouter();
  const at = useRef(router.latestLocation.state.__TSR_index);
  const [kept] = useState(() => {
    const place = places.get(router.latestLocation.state.__TSR_index);
    return place?.of === of ? place : undefined;
  });
  const note = (measured?: VirtualItem[]) => {
    const top = scroller.current?.scrollTop ?? places.get(at.current)?.top ?? 0;
    places.set(at.current, { of, top, ...(measured ? { measured } : {}) });
  };
  const top = kept?.top ?? 0;
  useLayoutEffect(() => { if (top !== 0) scroller.current?.scrollTo({ top }); }, [scroller, top]);
  const onScroll = useEffectEvent(() => { note(); });
  useEffect(() => {
    const element = scroller.current;
    const listener = () => { onScroll(); };
    element?.addEventListener("scroll", listener, { passive: true });
    return () => { element?.removeEventListener("scroll", listener); };
  }, [scroller]);
  // What is listed may have changed since it was scrolled.
  const leave = useEffectEvent(() => { note(); });
  useEffect(() => () => { leave(); }, []);
  // A step on the same page, such as another order, is an entry of its own with the same place.
  const shown = useRouterState({ select: (state) => state.resolvedLocation?.state.__TSR_index });
  const seen = useRef(shown);
  useEffect(() => {
    if (shown === undefined || shown === seen.current) return;
    seen.current = at.current = shown;
    note();
  });
  return { top, isKept: kept !== undefined, measured: kept?.measured, note };
}
