import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { opActivityQuery, opNeighboursQuery, type ProjectId } from "@/api/queries";
import type { VersionActivity } from "@/api/types";
import { formatCount, formatPercent, plural } from "@/lib/number";
import { formatDuration, formatFull, formatRange, formatStarted } from "@/lib/time";
import { Gate } from "@/ui/notices";
import page from "@/ui/page.module.css";
import table from "@/ui/table.module.css";

import styles from "./ops.module.css";

/** How each version did, on one axis of time, and what is around the op. */
export function OpActivity({ p, name }: { p: ProjectId; name: string }) {
  const activity = useQuery(opActivityQuery(p, name));
  return (
    <>
      <Gate query={activity} what="The activity of this op">{({ versions }) => <Versions versions={versions} />}</Gate>
      <OpsAround p={p} name={name} />
    </>
  );
}

/** Which ops call an op, and which it calls. */
export function OpsAround({ p, name }: { p: ProjectId; name: string }) {
  const around = useQuery(opNeighboursQuery(p, name));
  return (
    <Gate query={around} what="Who calls this op">
      {({ traces, callers, callees }) => (
        <>
          <div className={styles.around}>
            <Ops p={p} title="Called by" ops={callers} none="nothing that is traced: it is where traces begin" />
            <Ops p={p} title="Calls" ops={callees} none="no op" />
          </div>
          <p className="dim small">Seen in the newest {plural(traces, "trace")} that it is in.</p>
        </>
      )}
    </Gate>
  );
}

function Versions({ versions }: { versions: readonly VersionActivity[] }) {
  const called = versions.filter((each) => each.stats.count > 0);
  if (called.length === 0) return <p className="dim">No version of it was called yet.</p>;
  const first = Math.min(...called.map((each) => each.stats.first_us ?? Infinity));
  const last = Math.max(...called.map((each) => each.stats.last_us ?? 0));
  return (
    <div className={styles.scroller}>
      <table className={table.table}>
        <thead><tr><th scope="col">Version</th><th scope="col">{formatRange(first, last)}</th><th scope="col" className={table.num}>Calls</th><th scope="col" className={table.num}>Errors</th><th scope="col" className={table.num}>p50</th><th scope="col" className={table.num}>p95</th><th scope="col" className={table.num}>Last</th></tr></thead>
        <tbody>
          {versions.map(({ digest, version, stats }) => (
            <tr key={digest}>
              <th scope="row">v{version}</th>
              <td><Times stats={stats} first={first} last={last} /></td>
              <td className={table.num}>{formatCount(stats.count)}</td>
              <td className={`${table.num} ${stats.errors > 0 ? styles.errors : ""}`}>{formatPercent(stats.errors, stats.count)}</td>
              <td className={table.num}>{formatDuration(stats.p50_us)}</td>
              <td className={table.num}>{formatDuration(stats.p95_us)}</td>
              <td className={`${table.num} dim`}>{stats.last_us === null ? "never" : <time title={formatFull(stats.last_us)}>{formatStarted(stats.last_us)}</time>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const [WIDTH, HEIGHT] = [360, 26];

/** Calls over time as bars, those that failed in red; each version is as high as its busiest moment. */
function Times({ stats, first, last }: { stats: VersionActivity["stats"]; first: number; last: number }) {
  const span = Math.max(last - first, 1);
  const most = Math.max(1, ...stats.histogram.map((bucket) => bucket.count));
  const at = (us: number) => ((us - first) / span) * (WIDTH - 3);
  return (
    <svg className={styles.times} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${plural(stats.count, "call")}, ${plural(stats.errors, "error")}`}>
      {stats.histogram.filter((bucket) => bucket.count > 0).map((bucket) => {
        const [x, width] = [at(bucket.start_us), Math.max(2, at(bucket.end_us) - at(bucket.start_us) - 0.5)];
        const [tall, red] = [Math.max(2, (bucket.count / most) * HEIGHT), (bucket.errors / most) * HEIGHT];
        return <g key={bucket.start_us}><rect className={styles.bar} x={x} y={HEIGHT - tall} width={width} height={tall} />{red > 0 && <rect className={styles.failed} x={x} y={HEIGHT - Math.max(2, red)} width={width} height={Math.max(2, red)} />}</g>;
      })}
    </svg>
  );
}

function Ops({ p, title, ops, none }: { p: ProjectId; title: string; ops: Record<string, number | undefined>; none: string }) {
  const found = Object.entries(ops);
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {found.length === 0 ? <p className="dim">{none}</p> : <ul>{found.map(([name, calls]) => <li key={name}><Link className={page.link} to="/$entity/$project/ops/$name" params={{ ...p, name }}>{name}</Link> <span className="dim small">{calls}×</span></li>)}</ul>}
    </section>
  );
}
