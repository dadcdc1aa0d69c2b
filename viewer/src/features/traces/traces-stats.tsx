import { useQuery } from "@tanstack/react-query";

import { type CallFilter, type ProjectId, statsQuery } from "@/api/queries";
import type { Stats } from "@/api/types";
import { formatCount, formatPercent, formatTokens, plural } from "@/lib/number";
import { formatDuration, formatRange, formatStarted } from "@/lib/time";

import styles from "./traces.module.css";

export function TracesStats({ p, filter }: { p: ProjectId; filter: CallFilter }) {
  const { data } = useQuery(statsQuery(p, filter));
  if (data?.count === 0) return null;
  return (
    <section className={styles.stats} aria-label="Figures">
      <div className={styles.figures}>
        {data && <Figures stats={data} noun={filter.all ? "calls" : "traces"} />}
      </div>
      <div className={styles.histogram}>{data && <Histogram stats={data} />}</div>
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
      <span className={styles.range}>{formatRange(stats.first_us, stats.last_us)}</span>
    </>
  );
}

const HEIGHT = 44;
const SLOT = 10;

function Histogram({ stats: { histogram } }: { stats: Stats }) {
  const highest = Math.max(...histogram.map((bucket) => bucket.count), 1);
  const scale = (count: number) => (count === 0 ? 0 : Math.max((count / highest) * HEIGHT, 2));
  return (
    <svg viewBox={`0 0 ${Math.max(histogram.length, 1) * SLOT} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Calls over time, at most ${plural(highest, "call")} a bar`}>
      {histogram.map((bucket, i) => {
        const [all, errors] = [scale(bucket.count), scale(bucket.errors)];
        return (
          <g key={bucket.start_us} className={styles.bar}>
            <title>{`${formatStarted(bucket.start_us)}: ${formatCount(bucket.count)}, errors ${formatCount(bucket.errors)}`}</title>
            <rect x={i * SLOT} y={0} width={SLOT} height={HEIGHT} fill="transparent" />
            <rect x={i * SLOT + 1} y={HEIGHT - all} width={SLOT - 2} height={all} fill="var(--accent)" />
            <rect x={i * SLOT + 1} y={HEIGHT - errors} width={SLOT - 2} height={errors} fill="var(--bad)" />
          </g>
        );
      })}
    </svg>
  );
}
