import { Fragment } from "react";

import type { ComparedMetric, Comparison, EvaluationRun } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatDifference, formatMetric } from "@/lib/number";
import { shortName, toneOf } from "@/lib/verdict";
import { cardClass } from "@/ui/page-bar";
import { RefLink } from "@/ui/ref-link";
import table from "@/ui/table.module.css";

import styles from "./compare.module.css";

const direction = (metric: ComparedMetric) => (metric.higher_is_better === null ? "" : metric.higher_is_better ? "higher is better" : "lower is better");

function RunModel({ run }: { run: EvaluationRun }) {
  const ref = run.model_ref === null ? null : parseRef(run.model_ref);
  return ref === null ? run.model : <RefLink target={ref} />;
}

export function MetricsTable({ comparison: { metrics, runs }, labels }: { comparison: Comparison; labels: readonly string[] }) {
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
              {metric.values.map((value, i) => {
                const difference = metric.differences[i] ?? null;
                return (
                  <Fragment key={labels[i]}>
                    <td className={table.num}><b>{formatMetric(value, metric.kind)}</b></td>
                    {i > 0 && <td className={`${table.num} ${styles.moved}`}>{difference !== null && <span className={styles.difference} data-tone={toneOf(difference, metric.higher_is_better)}>{formatDifference(difference, metric.kind)}</span>}</td>}
                  </Fragment>
                );
              })}
              <td className={`${styles.direction} dim small`}>{direction(metric)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
