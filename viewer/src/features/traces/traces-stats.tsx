import { useQuery } from "@tanstack/react-query";

import { type CallFilter, type ProjectId, spentQuery, statsQuery } from "@/api/queries";
import type { Stats } from "@/api/types";
import { formatCost, formatCount, formatDollars, formatPercent, formatTokens } from "@/lib/number";
import { chosenValues, setTerm, windowOf, writeMoment } from "@/lib/search-terms";
import { formatDuration, formatRange } from "@/lib/time";

import { ErrorLine } from "@/ui/notices";

import { Histogram, type Window } from "./histogram";
import styles from "./traces.module.css";

interface Props {
  p: ProjectId;
  filter: CallFilter;
  /** A page on the disk cannot be asked. */
  onSearch: ((q: string, how: "push" | "replace") => void) | undefined;
}

export function TracesStats({ p, filter, onSearch }: Props) {
  const q = filter.q ?? "";
  const { wanted, unwanted } = chosenValues(q, "started");
  const isTimed = wanted.size + unwanted.size > 0;
  const { data: stats, error, refetch } = useQuery(statsQuery(p, filter));
  // The bars go on showing what is outside of the time that is wanted, so that it can be moved.
  const { data: whole } = useQuery(statsQuery(p, filter, isTimed ? "started" : undefined));
  if (stats === undefined && error) return <ErrorLine what="The figures" error={error} onRetry={() => void refetch()} />;
  if (whole?.count === 0) return null;
  const found = stats?.first_us && stats.last_us ? { from: stats.first_us, to: stats.last_us + 1 } : null;
  const window = isTimed ? (windowOf(q) ?? found) : null;
  const brush = (next: Window | null, how: "drag" | "key") => {
    onSearch?.(setTerm(q, "started", next === null ? "" : `${writeMoment(next.from)}..${writeMoment(next.to)}`), how === "drag" ? "push" : "replace");
  };
  return (
    <section className={styles.stats} aria-label="Figures">
      <div className={styles.figures}>
        {stats && <Figures stats={stats} noun={filter.all ? "calls" : "traces"} />}
        {stats && stats.tokens > 0 && <Cost p={p} filter={filter} calls={stats.count} />}
        <span className={styles.range}>
          {window === null ? formatRange(stats?.first_us ?? null, stats?.last_us ?? null) : formatRange(window.from, window.to)}
          {isTimed && <button type="button" className={styles.unbrush} aria-label="Show all times" onClick={() => { onSearch?.(setTerm(q, "started", ""), "push"); }}>×</button>}
        </span>
      </div>
      <div className={styles.histogram}>{whole && <Histogram buckets={whole.histogram} window={window} onBrush={onSearch && brush} />}</div>
    </section>
  );
}

function Figures({ stats, noun }: { stats: Stats; noun: string }) {
  return (
    <>
      <span><b>{formatCount(stats.count)}</b> {stats.count === 1 ? noun.slice(0, -1) : noun}</span>
      <span><b className={stats.errors > 0 ? styles.bad : ""}>{formatPercent(stats.errors, stats.count)}</b> errors</span>
      <span>p50 <b>{formatDuration(stats.p50_us)}</b></span>
      <span>p95 <b>{formatDuration(stats.p95_us)}</b></span>
      {stats.tokens > 0 && <span>Σ <b>{formatTokens(stats.tokens)}</b> tokens</span>}
    </>
  );
}

/** The sum of what is known of the costs, by model on a closer look. */
function Cost({ p, filter, calls }: { p: ProjectId; filter: CallFilter; calls: number }) {
  const { data: spend } = useQuery(spentQuery(p, filter, calls));
  const priced = spend?.models.filter((spent) => spent.cost > 0) ?? [];
  if (spend === undefined || priced.length === 0) return null;
  const sum_cost = priced.reduce((sum, spent) => sum + spent.cost, 0);
  const unknown = spend.models.filter((spent) => spent.partial).map((spent) => `${spent.model}: price not known`);
  return <span title={[...priced.map((spent) => `${spent.model}: ${formatDollars(spent.cost)}`), ...unknown].join("\n")}>Σ <b>{formatCost({ sum_tokens: null, sum_cost, cost_partial: unknown.length > 0, estimated: false })}</b></span>;
}
