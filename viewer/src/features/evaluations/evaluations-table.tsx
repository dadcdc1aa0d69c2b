import { Link } from "@tanstack/react-router";

import type { ProjectId } from "@/api/queries";
import type { EvaluationRun } from "@/api/types";
import { formatMetric, plural } from "@/lib/number";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import { shortName } from "@/lib/verdict";
import { StatusDot } from "@/ui/marks";
import table from "@/ui/table.module.css";

import styles from "./evaluations.module.css";

const MOST_METRICS = 5;

interface Props {
  p: ProjectId;
  runs: readonly EvaluationRun[];
  picked: readonly string[];
  current: string | undefined;
  isFull: boolean;
  onToggle: (id: string) => void;
}

export function EvaluationsTable({ p, runs, picked, current, isFull, onToggle }: Props) {
  const metrics = [...new Set(runs.flatMap((run) => run.metrics.map((metric) => metric.name)))].slice(0, MOST_METRICS);
  return (
    <div className={`${table.wrap} ${styles.list}`}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col"><span className="sr">Selected</span></th>
            <th scope="col">Run</th>
            <th scope="col">Model</th>
            <th scope="col">Progress</th>
            {metrics.map((name) => <th key={name} scope="col" className={table.num} title={name}>{shortName(name)}</th>)}
            <th scope="col" className={table.num}>Took</th>
            <th scope="col" className={table.num} aria-sort="descending">Started ↓</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const isPicked = picked.includes(run.id);
            return (
              <tr key={run.id} className={run.id === current ? table.selected : ""}>
                <td><input type="checkbox" className={styles.box} aria-label={`Select ${run.name}`} checked={isPicked} disabled={!isPicked && isFull} onChange={() => { onToggle(run.id); }} /></td>
                <td>
                  <Link className={table.name} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: run.id }}>{run.name}</Link>
                  {run.is_baseline && <span className={styles.baseline}>baseline</span>}
                  <span className={styles.under}>{run.evaluation} · {run.scorers.join(", ")}</span>
                </td>
                <td>{run.model}<span className={styles.under}>{run.dataset ?? "no dataset"}</span></td>
                <td><Progress run={run} /></td>
                {metrics.map((name) => {
                  const metric = run.metrics.find((each) => each.name === name);
                  return <td key={name} className={table.num}>{metric ? formatMetric(metric.value, metric.kind) : "—"}</td>;
                })}
                <td className={table.num}>{formatDuration(durationOf(run))}</td>
                <td className={`${table.num} dim`}><time title={formatFull(run.start_us)}>{formatStarted(run.start_us)}</time></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Progress({ run }: { run: EvaluationRun }) {
  const errors = [run.errors.model > 0 ? plural(run.errors.model, "model error") : "", run.errors.scorer > 0 ? plural(run.errors.scorer, "scorer error") : ""].filter((text) => text !== "");
  return (
    <span className={styles.progress}>
      <StatusDot status={run.status} />
      <span>{run.total === null || run.total === run.rows ? plural(run.rows, "row") : `${run.rows} of ${run.total}`}</span>
      {run.status === "running" && run.total !== null && <progress value={run.rows} max={run.total} aria-label="Rows done" />}
      {errors.length > 0 && <span className={styles.errors} title={errors.join(", ")}>{plural(run.errors.model + run.errors.scorer, "error")}</span>}
    </span>
  );
}
