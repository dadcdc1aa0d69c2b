import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { LISTED_RUNS, standingsQuery } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { BoardColumn, Standings } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatMetric } from "@/lib/number";
import { formatFull } from "@/lib/time";
import { Select } from "@/ui/fields";
import { Empty, Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { RefLink } from "@/ui/ref-link";
import table from "@/ui/table.module.css";

import styles from "./leaderboard.module.css";

const FROM = "/$entity/$project/evaluations/leaderboard";
const EXAMPLE = `weavelite.publish(weavelite.Leaderboard(
    name="support", columns=[weavelite.LeaderboardColumn(
        evaluation_object_ref="quality", scorer_name="correct",
        summary_metric_path="true_fraction")]))`;

/** Models by what their newest runs say: all there is, one dataset, or a choice that was saved. */
export function LeaderboardPage() {
  const { entity, project } = useParams({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const chosen = useSearch({ from: FROM });
  const query = useQuery(standingsQuery(p, chosen));
  const navigate = useNavigate({ from: FROM });
  const value = chosen.name !== undefined ? `name:${chosen.name}` : chosen.dataset !== undefined ? `dataset:${chosen.dataset}` : "";
  const options = [
    { value: "", label: "All metrics of all evaluations" },
    ...(query.data?.datasets ?? []).map((name) => ({ value: `dataset:${name}`, label: `On ${name}` })),
    ...(query.data?.saved ?? []).map((name) => ({ value: `name:${name}`, label: `Saved: ${name}` })),
  ];
  const choose = (next: string) => {
    const [, kind, name = ""] = /^(name|dataset):(.*)$/s.exec(next) ?? [];
    void navigate({ search: kind === undefined ? {} : { [kind]: name } });
  };
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/evaluations" params={p}>Evaluations /</Link>} title="Leaderboard">
        <Select label="Leaderboard" value={value} options={options} onChange={choose} className={styles.choice} />
        <span className="mid small">The newest run of each model{(query.data?.looked_at ?? 0) >= LISTED_RUNS ? ` in the newest ${LISTED_RUNS} runs` : ""}; ★ is the best of its column.</span>
      </PageBar>
      <Gate query={query} what="The leaderboard">{(standings) => <Board p={p} standings={standings} />}</Gate>
    </div>
  );
}

function Board({ p, standings: { columns, rows } }: { p: ProjectId; standings: Standings }) {
  if (rows.length === 0) return <Empty title="No evaluated models yet" code={EXAMPLE}>Every model that was evaluated to the end stands here, with each metric of its scorers. A choice of metrics is saved as an object:</Empty>;
  return (
    <div className={table.wrap}>
      <table className={table.table} aria-label="Leaderboard">
        <thead>
          <tr><th scope="col" rowSpan={2}>Model</th>{evaluationsOf(columns).map(({ name, count }, i) => <th key={i} scope="colgroup" colSpan={count} className={styles.evaluation} title={name}>{name}</th>)}</tr>
          <tr>{columns.map((column, i) => <th key={i} scope="col" className={`${table.num} ${styles.metric}`} title={column.title}>{metricOf(column)}<span className={styles.way}>{column.lower_is_better ? "lower is better" : "higher is better"}</span></th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.model_ref}>
              <th scope="row" className={styles.model}><Model of={row.model_ref} name={row.model} /></th>
              {row.standings.map(([newest, ...others], i) => (
                <td key={i} className={table.num}>
                  {newest
                    ? <Link className={styles.value} data-best={newest.is_best} title={newest.ended_us === null ? "Open the run" : `Run that ended ${formatFull(newest.ended_us)}`} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: newest.run_id }}>{newest.is_best && <span role="img" aria-label="best">★</span>} {formatMetric(newest.value, columns[i]?.kind ?? "number")}</Link>
                    : <span className="dim">–</span>}
                  {newest && others.length > 0 && <Link className={styles.others} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: [others[0]?.run_id, newest.run_id].join(",") }}>and {others.length} before</Link>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const nameOf = ({ evaluation }: BoardColumn) => parseRef(evaluation)?.name ?? evaluation;

/** The evaluation stands above its metrics, so that its name is not said again by each. */
const metricOf = (column: BoardColumn) => column.title.startsWith(`${nameOf(column)} · `) ? column.title.slice(nameOf(column).length + 3) : column.title;

function evaluationsOf(columns: readonly BoardColumn[]): { name: string; count: number }[] {
  const found: { name: string; count: number }[] = [];
  for (const column of columns) {
    const last = found.at(-1);
    if (last?.name === nameOf(column)) last.count++;
    else found.push({ name: nameOf(column), count: 1 });
  }
  return found;
}

function Model({ of, name }: { of: string; name: string }) {
  const ref = parseRef(of);
  return ref === null ? name : <RefLink target={ref} />;
}
