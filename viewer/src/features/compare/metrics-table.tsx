import { Fragment } from "react";

import type { ComparedMetric, Comparison, Decision, EvaluationRun } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatDifference, formatMetric, type MetricKind } from "@/lib/number";
import { markOf, shortName } from "@/lib/verdict";
import { cardClass } from "@/ui/page-bar";
import { RefLink } from "@/ui/ref-link";
import table from "@/ui/table.module.css";

import styles from "./compare.module.css";

const direction = (metric: ComparedMetric) => (metric.higher_is_better === null ? "" : metric.higher_is_better ? "higher is better" : "lower is better");

function RunModel({ run }: { run: EvaluationRun }) {
  const ref = run.model_ref === null ? null : parseRef(run.model_ref);
  return ref === null ? run.model : <RefLink target={ref} />;
}

export function MetricsTable({ comparison }: { comparison: Comparison }) {
  const { metrics, runs, labels } = comparison;
  if (metrics.length === 0) return <p className="dim">No metrics yet: they come with the first scored rows.</p>;
  return (
    <div className={`${cardClass} ${styles.metrics}`}>
      <table className={table.table}>
        <thead>
          <tr><th scope="col">Metric</th>{labels.map((label, i) => <th key={label} scope="col" className={table.num} colSpan={i === 0 ? 1 : 2}>{label}{i === 0 && labels.length > 1 && <span className={styles.base}>baseline</span>}</th>)}<th scope="col" className={styles.direction}><span className="sr">Direction</span></th></tr>
        </thead>
        <tbody>
          <tr><th scope="row">model</th>{runs.map((run, i) => <td key={labels[i]} className={table.num} colSpan={i === 0 ? 1 : 2}><RunModel run={run} /></td>)}<td /></tr>
          {metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row" title={metric.name}>{shortName(metric.name)}{metric.scorer === null && / \(mean\)$/.test(metric.name) && <span className={styles.base}>per row</span>}</th>
              {metric.values.map((value, i) => (
                <Fragment key={labels[i]}>
                  <td className={table.num}><b>{formatMetric(value, metric.kind)}</b></td>
                  {i > 0 && <Moved decision={metric.decisions[i] ?? null} difference={metric.differences[i] ?? null} kind={metric.kind} />}
                </Fragment>
              ))}
              <td className={`${styles.direction} dim small`}>{direction(metric)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Footnotes comparison={comparison} />
    </div>
  );
}

/** The difference over the rows that both runs have, how sure it is, and what follows. */
function Moved({ decision, difference, kind }: { decision: Decision | null; difference: number | null; kind: MetricKind }) {
  const mark = markOf(decision?.verdict ?? null);
  const moved = decision?.estimate ?? difference;
  return (
    <td className={`${table.num} ${styles.moved}`} title={decision?.said}>
      {moved !== null && <span className={styles.difference} data-tone={mark.tone}>{formatDifference(moved, kind)}</span>}
      {decision !== null && <span className={styles.interval}>{decision.low !== null && <><span className="sr">95 % interval </span>{decision.interval}</>}</span>}
      {decision !== null && <span className={styles.verdict} data-tone={mark.tone}><span aria-hidden="true">{mark.sign}</span> {mark.word}</span>}
    </td>
  );
}

/** What could have been seen, and what it would take to know more. */
function Footnotes({ comparison: { footnotes, labels } }: { comparison: Comparison }) {
  if (footnotes.length === 0) return null;
  return <ul className={styles.notes} aria-label="What it would take to know more">{footnotes.map((note) => <li key={`${note.run} ${note.text}`}>{labels.length > 2 && `${labels[note.run] ?? ""}: `}{note.text}</li>)}</ul>;
}
