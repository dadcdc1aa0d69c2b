import { useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { Outline } from "@/api/types";
import { countGroups, type Focus, type Sorted } from "@/lib/outline";
import { isPicked, parsePick } from "@/lib/picks";
import page from "@/ui/page.module.css";
import { useKeptPlace } from "@/ui/use-kept-place";
import { useKeys } from "@/ui/use-keys";

import styles from "./compare.module.css";
import { ComparedRowView } from "./compared-row";
import { RowFilters } from "./row-filters";
import { FROM, useChange } from "./use-comparison";
import { useBodies } from "./use-bodies";

interface Props {
  p: ProjectId;
  outline: Outline;
  focus: Focus;
  sorted: readonly Sorted[];
  above: ReactNode;
}

/** About what a trial of a row takes: the more runs, the narrower they are. Rows that wait are as high, so that no more are drawn than will fit. */
const heightOf = (runs: number) => (runs < 4 ? 76 : 200);

export function ComparedRows({ p, outline, focus, sorted, above }: Props) {
  const { group, pick } = useSearch({ from: FROM });
  const { comparison, measures } = outline;
  const { labels } = comparison;
  const counts = useMemo(() => countGroups(sorted), [sorted]);
  const rows = useMemo(() => {
    const picked = parsePick(pick);
    return sorted.filter((each) => (group === undefined || each.group === group) && isPicked(outline, each.entry, picked));
  }, [sorted, group, pick, outline]);
  const change = useChange();
  const [at, setAt] = useState(-1);
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const margin = useHeight(top);
  const trials = sorted[0]?.entry.places.length ?? 1;
  const height = 40 + trials * heightOf(labels.length);
  const keyOf = useCallback((i: number) => rows[i]?.entry.key ?? i, [rows]); // a new one has all rows measured anew
  const place = useKeptPlace(scroller);
  const virtual = useVirtualizer({ initialOffset: place.top, ...(place.measured ? { initialMeasurementsCache: place.measured } : {}), count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: labels.length < 4 ? 4 : 2, scrollMargin: margin, getItemKey: keyOf });
  const items = virtual.getVirtualItems();
  const leave = useEffectEvent(() => { place.note(virtual.takeSnapshot()); });
  useEffect(() => () => { leave(); }, []);
  const bodies = useBodies(p, outline, rows, items[0]?.index ?? 0, items.at(-1)?.index ?? -1);
  const move = (step: number) => {
    const next = Math.min(Math.max(at + step, 0), rows.length - 1);
    setAt(next);
    virtual.scrollToIndex(next, { align: "center" });
  };
  const current = rows[at];
  useKeys({ j: () => { move(1); }, k: () => { move(-1); }, h: current && !isShared ? () => { change({ row: current.entry.digest }); } : undefined });
  return (
    <div ref={scroller} className={page.scroll}>
      <div ref={top} className={styles.top}>
        {above}
        <RowFilters comparison={comparison} measures={measures} counts={counts} shown={rows.length} all={sorted.length} />
      </div>
      <div className={styles.rows} role="table" aria-label="Compared rows" aria-rowcount={rows.length + 1} style={{ "--runs": labels.length }}>
        <div className={`${styles.row} ${styles.rowHead}`} role="row"><span role="columnheader">Row</span>{labels.map((label, i) => <span key={label} role="columnheader">{label}{i === 0 && labels.length > 1 && <span className={styles.base}>baseline</span>}</span>)}</div>
        {rows.length === 0 && <p className={styles.none}>{sorted.length === 0 ? "No row is done yet." : pick === undefined ? "No row is in this group." : "No row is in what is picked: brush another part of the plot."}</p>}
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row && (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={styles.place} style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)`, minHeight: bodies(item.index) === undefined ? height : undefined }}>
                <ComparedRowView p={p} outline={outline} entry={row.entry} group={row.group} bodies={bodies(item.index)} measure={focus.measure?.name} isCurrent={item.index === at} onHistory={change} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** What stands above the rows changes its height when a plot opens or the window narrows. */
function useHeight(ref: React.RefObject<HTMLElement | null>) {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => { setHeight(element.offsetHeight); });
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, [ref]);
  return height;
}
