import type { Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

/** Scrolls to what is selected, each time that it is selected; not for who comes back, and sees what was in sight before (`isKept`). */
export function useInSight(virtual: Virtualizer<HTMLDivElement, Element>, at: number, selected: string | undefined, isKept: boolean) {
  const brought = useRef(isKept ? selected : undefined);
  useEffect(() => {
    if (brought.current === selected || (selected !== undefined && at < 0)) return;
    brought.current = selected;
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, selected, virtual]);
}
