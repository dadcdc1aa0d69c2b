import { Link } from "@tanstack/react-router";
import { useRef } from "react";

import type { ProjectId } from "@/api/queries";
import type { EvaluationRun } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatMetric } from "@/lib/number";
import { commitOf, costOf } from "@/lib/runs";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import { shortName } from "@/lib/verdict";
import { RefLink } from "@/ui/ref-link";
import table from "@/ui/table.module.css";
import { useKeptPlace } from "@/ui/use-kept-place";

import styles from "./evaluations.module.css";
import { RunProgress } from "./run-progress";
import { MeanCell, Tokens, useScores } from "./run-scores";

const MOST_METRICS = 4;

interface Props {
  p: ProjectId;
  runs: readonly EvaluationRun[];
  picked: readonly string[];
  current: string | undefined;
  isFull: boolean;
  sort: string | undefined;
  onSort: (sort: string) => void;
  onToggle: (id: string) => void;
}

export function EvaluationsTable({ runs, sort = "-started", onSort, ...rest }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useKeptPlace(place);
  const counts = new Map<string, number>();
  for (const run of runs) for (const metric of run.metrics) if (metric.scorer !== null) counts.set(metric.name, (counts.get(metric.name) ?? 0) + 1);
  const metrics = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_METRICS).map(([name]) => name);
  const head = { sort, onSort };
  return (
    <div ref={place} className={`${table.wrap} ${styles.list}`}>
      <table className={table.table} aria-label="Runs">
        <thead>
          <tr>
            <th scope="col"><span className="sr">Selected</span></th>
            <Head {...head} column="run">Run</Head>
            <Head {...head} column="status">Progress</Head>
            {metrics.map((name) => <Head key={name} {...head} column={name} isNumber>{shortName(name)}</Head>)}
            <Head {...head} column="model">Model</Head>
            <Head {...head} column="dataset">Dataset and scorers</Head>
            <Head {...head} column="cost" isNumber>Cost</Head>
            <Head {...head} column="took" isNumber>Took</Head>
            <Head {...head} column="commit">Commit</Head>
            <Head {...head} column="started" isNumber>Started</Head>
          </tr>
        </thead>
        <tbody>{runs.map((run) => <RunRow key={run.id} run={run} metrics={metrics} {...rest} />)}</tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  column: string;
  sort: string;
  onSort: (sort: string) => void;
  isNumber?: boolean;
  children: string;
}

/** Numbers are first sorted from the top down, names from the start. */
function Head({ column, sort, onSort, isNumber = false, children }: HeadProps) {
  const isOn = sort.replace(/^-/, "") === column;
  const isDown = sort.startsWith("-");
  const next = isOn ? (isDown ? column : `-${column}`) : isNumber ? `-${column}` : column;
  return (
    <th scope="col" className={isNumber ? table.num : ""} aria-sort={isOn ? (isDown ? "descending" : "ascending") : "none"}>
      <button type="button" className={styles.sort} title={`Sort by ${column}`} onClick={() => { onSort(next); }}>{children}{isOn ? (isDown ? " ↓" : " ↑") : ""}</button>
    </th>
  );
}

type RowProps = Omit<Props, "runs" | "sort" | "onSort"> & { run: EvaluationRun; metrics: readonly string[] };

function RunRow({ p, run, metrics, picked, current, isFull, onToggle }: RowProps) {
  const isPicked = picked.includes(run.id);
  const { ref, scores } = useScores(p, run);
  const cost = costOf(run);
  return (
    <tr ref={ref} className={run.id === current ? table.selected : ""}>
      <td><input type="checkbox" className={styles.box} aria-label={`Select ${run.name}`} checked={isPicked} disabled={!isPicked && isFull} onChange={() => { onToggle(run.id); }} /></td>
      <td>
        <Link className={table.name} title={run.name} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: run.id }}>{run.name}</Link>
        {run.is_baseline && <span className={styles.baseline}>baseline</span>}
        <span className={styles.under}>{run.evaluation}{run.trials > 1 ? ` · ${run.trials} trials` : ""}</span>
      </td>
      <td><RunProgress run={run} scores={scores} /></td>
      {metrics.map((name) => <MeanCell key={name} metric={run.metrics.find((each) => each.name === name)} mean={scores?.means.find((each) => each.name === name)} />)}
      <td><Chip of={run.model_ref} name={run.model} /></td>
      <td><Chip of={run.dataset_ref} name={run.dataset ?? "no dataset"} /><span className={styles.scorers}>{run.scorers.map((name, i) => <Chip key={name} of={run.scorer_refs[i] ?? null} name={name} />)}</span></td>
      <td className={table.num} title={cost?.name}>{cost ? `${cost.name === "cost (known part)" ? "≥ " : ""}${formatMetric(cost.value, "dollars")}` : "—"}<Tokens scores={scores} /></td>
      <td className={table.num}>{formatDuration(durationOf(run))}</td>
      <td className="mono dim">{commitOf(run) ?? "—"}</td>
      <td className={`${table.num} dim`}><time title={formatFull(run.start_us)}>{formatStarted(run.start_us)}</time></td>
    </tr>
  );
}

function Chip({ of, name }: { of: string | null; name: string }) {
  const ref = of === null ? null : parseRef(of);
  return ref === null ? <span className="mid">{name}</span> : <RefLink target={ref} />;
}
