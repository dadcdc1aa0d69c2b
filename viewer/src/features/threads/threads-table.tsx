import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type UIEvent, useEffect, useRef } from "react";

import type { ProjectId } from "@/api/queries";
import type { ThreadSummary } from "@/api/types";
import { withoutRefs } from "@/lib/json";
import { formatCost, formatCount, formatSumTokens, plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { StatusDot } from "@/ui/marks";
import { useInSight } from "@/ui/use-in-sight";
import { useKeptPlace } from "@/ui/use-kept-place";

import styles from "./threads.module.css";

const ROW = 34;

interface Props {
  p: ProjectId;
  q: string;
  threads: readonly ThreadSummary[];
  waiting: number;
  selected: string | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  onOpen: (thread: ThreadSummary) => void;
  onMore: () => void;
  onAway: (isAway: boolean) => void;
  onRelease: () => void;
}

export function ThreadsTable({ p, q, threads, waiting, selected, hasMore, isLoadingMore, onOpen, onMore, onAway, onRelease }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { top, isKept } = useKeptPlace(scroller, q);
  const virtual = useVirtualizer({ initialOffset: top, count: threads.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, getItemKey: (i) => threads[i]?.id ?? i });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => { if (hasMore && !isLoadingMore && lastShown >= threads.length - 15) onMore(); }, [hasMore, isLoadingMore, lastShown, onMore, threads.length]);
  const at = threads.findIndex((each) => each.id === selected);
  useInSight(virtual, at, selected, isKept);
  const toTop = () => {
    onRelease();
    scroller.current?.scrollTo({ top: 0 });
  };
  const isPriced = threads.some((each) => each.sum_cost !== null);
  const isCounted = threads.some((each) => each.sum_tokens !== null);
  return (
    <div className={styles.list} data-priced={isPriced} data-counted={isCounted}>
      {waiting > 0 && <button type="button" className={styles.pill} onClick={toTop}>↑ {plural(waiting, "thread")} went on</button>}
      <div ref={scroller} className={styles.scroller} role="grid" aria-label="Threads" aria-rowcount={hasMore ? -1 : threads.length + 1} tabIndex={0} aria-activedescendant={at < 0 ? undefined : `thread-${at}`}
        onScroll={(event: UIEvent<HTMLDivElement>) => { onAway(event.currentTarget.scrollTop > ROW); }}>
        <div className={`${styles.row} ${styles.head}`} role="row">
          <span role="columnheader">Thread</span>
          <span role="columnheader" className={styles.asked}>Asked last</span>
          <span role="columnheader">Answered last</span>
          <span role="columnheader" className={styles.num}>Turns</span>
          <span role="columnheader" className={`${styles.num} ${styles.errors}`}>Errors</span>
          <span role="columnheader" className={`${styles.num} ${styles.tokens}`}>Σ tokens</span>
          <span role="columnheader" className={`${styles.num} ${styles.cost}`}>Σ cost</span>
          <span role="columnheader" className={`${styles.num} ${styles.last}`} aria-sort="descending">Last activity ↓</span>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const thread = threads[item.index];
            return thread && <Row key={thread.id} p={p} thread={thread} index={item.index} top={item.start} isSelected={thread.id === selected} onOpen={onOpen} />;
          })}
        </div>
        {isLoadingMore && <p className={styles.more} role="status">Loading older threads…</p>}
      </div>
    </div>
  );
}

interface RowProps {
  p: ProjectId;
  thread: ThreadSummary;
  index: number;
  top: number;
  isSelected: boolean;
  onOpen: (thread: ThreadSummary) => void;
}

function Row({ p, thread, index, top, isSelected, onOpen }: RowProps) {
  const { latest, more, calls } = thread;
  // Of a long thread only the newest calls are summed up.
  const [least, why] = more ? ["≥ ", `in its newest ${formatCount(calls)} calls`] : ["", undefined];
  return (
    <div id={`thread-${index}`} className={styles.row} role="row" aria-rowindex={index + 2} aria-selected={isSelected} style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => { if (!(event.target instanceof Element && event.target.closest("a") !== null)) onOpen(thread); }}>
      <span role="gridcell" className={styles.id}>
        <StatusDot status={thread.running > 0 ? "running" : latest.status} />
        <Link to="/$entity/$project/threads/$threadId" params={{ ...p, threadId: thread.id }} title={thread.id}>{thread.id}</Link>
      </span>
      <span role="gridcell" className={`${styles.text} ${styles.asked}`}>{withoutRefs(latest.input_preview)}</span>
      {latest.error === null
        ? <span role="gridcell" className={`${styles.text} mid`}>{latest.status === "running" ? <span className="dim">running…</span> : withoutRefs(latest.output_preview)}</span>
        : <span role="gridcell" className={`${styles.text} ${styles.bad}`}>{latest.error}</span>}
      <span role="gridcell" className={styles.num} title={why}>{least}{formatCount(thread.turns)}</span>
      <span role="gridcell" className={`${styles.num} ${styles.errors} ${thread.errors > 0 ? styles.bad : "dim"}`} title={why}>{thread.errors > 0 ? `${least}${formatCount(thread.errors)}` : "—"}</span>
      <span role="gridcell" className={`${styles.num} ${styles.tokens}`} title={why}>{thread.sum_tokens === null ? <span className="dim">—</span> : `${least}${formatSumTokens(thread)}`}</span>
      <span role="gridcell" className={`${styles.num} ${styles.cost}`} title={why}>{more && thread.sum_cost !== null ? formatCost({ ...thread, cost_partial: true }) : formatCost(thread)}</span>
      <span role="gridcell" className={`${styles.num} ${styles.last}`} title={formatFull(thread.last_us)}>{formatStarted(thread.last_us)}</span>
    </div>
  );
}
