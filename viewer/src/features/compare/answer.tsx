import type { Comparison } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatCount, plural } from "@/lib/number";
import { movedRows, sentences } from "@/lib/verdict";

import { RefLink } from "@/ui/ref-link";

import styles from "./compare.module.css";

/** What came out, then whether it is fair to compare. No word on chance: the figures are given as they are. */
export function Answer({ comparison, labels }: { comparison: Comparison; labels: readonly string[] }) {
  const { runs, metrics, groups } = comparison;
  const said = sentences(labels, metrics);
  const isOne = runs.length === 1;
  const dataset = parseRef(runs[0]?.dataset_ref ?? "");
  return (
    <section className={styles.answer} aria-label="Result">
      {said.length <= 1 ? <h2>{said[0] ?? labels.join(", ")}{!isOne && <span className={styles.aside}>{movedRows(groups)}</span>}</h2> : <ul>{said.map((sentence) => <li key={sentence}>{sentence}</li>)}<li className="mid">{movedRows(groups)}</li></ul>}
      <p className={styles.fair}>
        {!isOne && <Check isGood={comparison.same_dataset} yes="same dataset" no="different datasets: rows that only one run has are not comparable" />}
        {(isOne || comparison.same_dataset) && dataset !== null && <RefLink target={dataset} />}
        {!isOne && <Check isGood={comparison.same_scorers} yes="same scorers" no="different scorers: their scores are not comparable" />}
        {runs.map((run, i) => {
          const { model, scorer } = run.errors;
          const name = isOne ? "" : `${labels[i] ?? ""}: `;
          if (model + scorer === 0) return null;
          return <span key={run.id}><b className={styles.warn}>!</b> {name}{[model > 0 ? plural(model, "model error") : "", scorer > 0 ? plural(scorer, "scorer error") : ""].filter(Boolean).join(", ")}</span>;
        })}
        {runs.every((run) => run.errors.model + run.errors.scorer === 0) && <span><b className={styles.good}>✓</b> no errors</span>}
        {runs.map((run, i) => run.status === "running" && <span key={run.id}><b className={styles.warn}>!</b> {isOne ? "" : `${labels[i] ?? ""} is `}still running: {formatCount(run.rows)}{run.total === null ? "" : ` of ${formatCount(run.total)}`} rows done</span>)}
        {isOne && runs[0] && <span className="mid">{[runs[0].name, plural(runs[0].rows, "row"), runs[0].scorers.join(", ")].filter(Boolean).join(" · ")}</span>}
      </p>
    </section>
  );
}

function Check({ isGood, yes, no }: { isGood: boolean; yes: string; no: string }) {
  return <span>{isGood ? <b className={styles.good}>✓</b> : <b className={styles.warn}>✗</b>} {isGood ? yes : no}</span>;
}
