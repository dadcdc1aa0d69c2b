import type { ComparedMetric, Comparison, Decision, EvaluationRun } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatCount, formatDifference, formatMetric, formatP } from "@/lib/number";
import { markOf, shortName } from "@/lib/verdict";
import { cardClass } from "@/ui/page-bar";
import { RefLink } from "@/ui/ref-link";
import table from "@/ui/table.module.css";

import styles from "./compare.module.css";
import { Interval, reachOf } from "./interval";
import { useChange } from "./use-comparison";

function RunModel({ run }: { run: EvaluationRun }) {
  const ref = run.model_ref === null ? null : parseRef(run.model_ref);
  return ref === null ? run.model : <RefLink target={ref} />;
}

interface Props {
  comparison: Comparison;
  focused: number | undefined;
}

/** One line a metric: the values of all runs, then what is known of the difference of one of them. */
export function MetricsTable({ comparison, focused }: Props) {
  const { metrics, runs, labels } = comparison;
  const change = useChange();
  if (metrics.length === 0) return <p className="dim">No metrics yet: they come with the first scored rows.</p>;
  const place = runs.length > 1 ? (focused ?? 1) : 0;
  const isMany = runs.length > 2;
  const decisions = metrics.map((metric) => ({ kind: metric.kind, decision: metric.decisions[place] ?? null }));
  return (
    <div className={`${cardClass} ${styles.metrics}`}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {labels.map((label, i) => (
              <th key={label} scope="col" className={table.num} data-chosen={isMany && i === place}>
                {isMany && i > 0 ? <button type="button" className={styles.choose} aria-pressed={i === place} title={`Show how ${label} differs from ${labels[0] ?? ""}`} onClick={() => { change({ run: runs[i]?.id }); }}><span className={styles.head}>{label}</span></button> : <span className={styles.head} title={label}>{label}</span>}
                {i === 0 && labels.length > 1 && <span className={styles.base}>baseline</span>}
              </th>
            ))}
            {place > 0 && (
              <>
                <th scope="col" className={`${table.num} ${styles.moved}`}>Difference{isMany && <span className={styles.base}>of <span className={styles.head}>{labels[place]}</span></span>}</th>
                <th scope="col" className={styles.ways}><span>← worse</span><span>95 % interval</span><span>better →</span></th>
                <th scope="col" className={styles.figures}><span className="sr">Interval and p-value</span></th>
                <th scope="col" className={styles.verdictCell}>Verdict</th>
              </>
            )}
            <th className={styles.rest} aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric, m) => (
            <tr key={metric.name}>
              <th scope="row" title={metric.name}>{shortName(metric.name)}{metric.scorer === null && / \(mean\)$/.test(metric.name) && <span className={styles.base}>per row</span>}</th>
              {metric.values.map((value, i) => <Value key={labels[i]} metric={metric} place={i} text={formatMetric(value, metric.kind)} isMany={isMany} />)}
              {place > 0 && <Moved metric={metric} decision={decisions[m]?.decision ?? null} difference={metric.differences[place] ?? null} decisions={decisions} />}
              <td className={`${styles.rest} dim small`}>{metric.higher_is_better === null ? "" : place > 0 ? "" : metric.higher_is_better ? "higher is better" : "lower is better"}</td>
            </tr>
          ))}
          <tr className={styles.models}><th scope="row">model</th>{runs.map((run, i) => <td key={labels[i]} className={table.num}><RunModel run={run} /></td>)}{place > 0 && <td colSpan={4} />}<td className={styles.rest} /></tr>
        </tbody>
      </table>
      <Footnotes comparison={comparison} />
    </div>
  );
}

function Value({ metric, place, text, isMany }: { metric: ComparedMetric; place: number; text: string; isMany: boolean }) {
  const decision = metric.decisions[place] ?? null;
  const mark = markOf(decision?.verdict ?? null);
  return (
    <td className={table.num}>
      {isMany && place > 0 && decision !== null && <span className={styles.sign} data-tone={mark.tone} title={decision.said} role="img" aria-label={mark.word}>{mark.sign}</span>}
      {place === 0 ? text : <b>{text}</b>}
    </td>
  );
}

interface MovedProps {
  metric: ComparedMetric;
  decision: Decision | null;
  difference: number | null;
  decisions: Parameters<typeof reachOf>[1];
}

/** The difference over the rows that both runs have, how sure it is, and what follows. */
function Moved({ metric, decision, difference, decisions }: MovedProps) {
  const mark = markOf(decision?.verdict ?? null);
  const moved = decision?.estimate ?? difference;
  return (
    <>
      <td className={table.num}>{formatDifference(moved, metric.kind)}</td>
      <td className={styles.plotCell}>{decision !== null && decision.low !== null && <Interval decision={decision} higherIsBetter={metric.higher_is_better} reach={reachOf(metric.kind, decisions, decision)} />}</td>
      <td className={styles.figures}>
        {decision !== null && decision.low !== null && <div className={styles.sure}>{decision.interval}{decision.p_corrected !== null && <span className={styles.p} title={decision.tested > 1 ? `${decision.method ?? ""}, corrected for ${decision.tested} tests` : (decision.method ?? undefined)}>{formatP(decision.p_corrected)}</span>}</div>}
      </td>
      <td className={styles.verdictCell}>
        {decision !== null && <span className={styles.verdict} data-tone={mark.tone} title={decision.said}><span aria-hidden="true">{mark.sign}</span> {mark.word}</span>}
        {decision !== null && <span className={styles.needs} title={decision.power}>{needs(decision)}</span>}
      </td>
    </>
  );
}

function needs(decision: Decision): string {
  if (decision.why !== null) return decision.why;
  return decision.verdict === "undecided" && decision.rows_needed !== null ? `needs about ${formatCount(Number(decision.rows_needed.toPrecision(2)))} rows` : "";
}

/** What could have been seen, and what it would take to know more. */
function Footnotes({ comparison: { footnotes, labels } }: { comparison: Comparison }) {
  if (footnotes.length === 0) return null;
  return (
    <details className={styles.notes}>
      <summary>What it would take to know more</summary>
      <ul aria-label="What it would take to know more">{footnotes.map((note) => <li key={`${note.run} ${note.text}`}>{labels.length > 2 && `${labels[note.run] ?? ""}: `}{note.text}</li>)}</ul>
    </details>
  );
}
