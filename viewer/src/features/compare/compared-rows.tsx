import { useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";

import type { ProjectId } from "@/api/queries";
import type { Comparison } from "@/api/types";
import { type Group, GROUPS } from "@/lib/search";
import { Button, Kbd } from "@/ui/button";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { ComparedRowView } from "./compared-row";
import styles from "./compare.module.css";

const LABELS: Record<Group, string> = { regressed: "Regressed", improved: "Improved", mixed: "Mixed", unchanged: "Unchanged", not_comparable: "Not comparable" };

const ORDER: readonly Group[] = ["regressed", "improved", "mixed", "not_comparable", "unchanged"];

/** What moved is what one came to see; within a group the order of the dataset stays. */
const movedFirst = (rows: Comparison["rows"]) => [...rows].sort((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group));

interface Props {
  p: ProjectId;
  comparison: Comparison;
  labels: readonly string[];
  above: ReactNode;
}

export function ComparedRows({ p, comparison, labels, above }: Props) {
  const { group } = useSearch({ from: "/$entity/$project/evaluations/compare" });
  const navigate = useNavigate({ from: "/$entity/$project/evaluations/compare" });
  const [at, setAt] = useState(-1);
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const isOne = comparison.runs.length === 1;
  const allRows = GROUPS.reduce((sum, each) => sum + (comparison.groups[each] ?? 0), 0);
  const rows = useMemo(() => (group === undefined ? movedFirst(comparison.rows) : comparison.rows.filter((row) => row.group === group)), [comparison.rows, group]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 96, overscan: 6, scrollMargin: top.current?.offsetHeight ?? 0, getItemKey: (i) => `${rows[i]?.digest ?? ""} ${rows[i]?.trial ?? i} ${i}` });
  const choose = (next: Group | undefined) => {
    setAt(-1);
    void navigate({ search: (before) => ({ ...before, group: next }), replace: true });
  };
  const move = (step: number) => {
    const next = Math.min(Math.max(at + step, 0), rows.length - 1);
    setAt(next);
    virtual.scrollToIndex(next, { align: "center" });
  };
  useKeys({ j: () => { move(1); }, k: () => { move(-1); } });
  return (
    <div ref={scroller} className={page.scroll}>
      <div ref={top} className={styles.top}>
        {above}
        <div className={styles.groups} role="group" aria-label="Rows">
          {isOne ? <h2>{comparison.rows.length} rows</h2> : (
            <>
              <Button isOn={group === undefined} aria-pressed={group === undefined} onClick={() => { choose(undefined); }}>All {allRows}</Button>
              {GROUPS.map((each) => <Button key={each} data-group={each} isOn={group === each} aria-pressed={group === each} disabled={(comparison.groups[each] ?? 0) === 0 && group !== each} onClick={() => { choose(each); }}>{LABELS[each]} {comparison.groups[each] ?? 0}</Button>)}
            </>
          )}
          <span className="spacer" />
          <Kbd>j</Kbd><Kbd>k</Kbd>
        </div>
      </div>
      <div className={styles.rows} role="table" aria-label="Compared rows" aria-rowcount={rows.length + 1} style={{ "--runs": labels.length }}>
        <div className={`${styles.row} ${styles.rowHead}`} role="row"><span role="columnheader">Example</span>{labels.map((label) => <span key={label} role="columnheader">{label}</span>)}</div>
        {rows.length === 0 && <p className={styles.none}>{comparison.rows.length === 0 ? "No row is done yet." : "No row is in this group."}</p>}
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row && (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={styles.place} style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}>
                <ComparedRowView p={p} row={row} isCurrent={item.index === at} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
