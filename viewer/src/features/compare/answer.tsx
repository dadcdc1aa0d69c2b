import type { Comparison, Remark } from "@/api/types";
import { parseRef } from "@/lib/json";
import { formatCount, plural } from "@/lib/number";
import { aloneSentence, movedRows, sharedFirst } from "@/lib/verdict";

import { RefLink } from "@/ui/ref-link";

import styles from "./compare.module.css";

/** How fair it is to compare, then what came out, in the server's words: they are those of the command line. */
export function Answer({ comparison }: { comparison: Comparison }) {
  if (comparison.runs.length === 1) return <Alone comparison={comparison} />;
  const { headlines, gists, labels, runs } = comparison;
  const { rows, total, trials } = runs[0] ?? { rows: 0, total: null, trials: 1 };
  return (
    <section className={styles.answer} aria-label="Result">
      {gists.length === 1 ? <h2>{gists[0]}.</h2> : <ul className={styles.gists}>{gists.map((sentence, i) => <li key={labels[i + 1]}>{sentence}.</li>)}</ul>}
      <p className={styles.aside}>{trials > 1 ? `${plural(Math.round((total ?? rows) / trials), "row")} × ${trials} trials` : plural(total ?? rows, "row")}, paired. {movedRows(comparison.groups)}.</p>
      <Fairness comparison={comparison} />
      <details className={styles.whole}><summary>The verdict in full, as the terminal prints it</summary>{headlines.map((sentence) => <p key={sentence}>{sentence}{/[.?!]$/.test(sentence) ? "" : "."}</p>)}</details>
    </section>
  );
}

const MARKS: Record<Remark["level"], { sign: string; className: string | undefined; word: string }> = {
  fair: { sign: "✓", className: styles.good, word: "fair" },
  note: { sign: "·", className: undefined, word: "note" },
  unfair: { sign: "!", className: styles.warn, word: "not fair" },
};

function Fairness({ comparison: { remarks, labels, runs } }: { comparison: Comparison }) {
  const dataset = parseRef(runs[0]?.dataset_ref ?? "");
  return (
    <ul className={styles.fair} aria-label="Fairness">
      {sharedFirst(remarks, runs.length).map(({ remark, isShared }) => {
        const mark = MARKS[remark.level];
        return <li key={`${remark.run} ${remark.text}`}><b className={mark.className} aria-label={mark.word}>{mark.sign}</b> {!isShared && `${labels[remark.run] ?? ""}: `}{remark.text}</li>;
      })}
      {dataset !== null && <li><RefLink target={dataset} /></li>}
    </ul>
  );
}

function Alone({ comparison: { runs: [run], labels, metrics } }: { comparison: Comparison }) {
  if (run === undefined) return null;
  const { model, scorer, infrastructure } = run.errors;
  const errors = [model > 0 ? plural(model, "model error") : "", scorer > 0 ? plural(scorer, "scorer error") : "", infrastructure > 0 ? plural(infrastructure, "infrastructure error") : ""].filter(Boolean);
  const dataset = parseRef(run.dataset_ref ?? "");
  return (
    <section className={styles.answer} aria-label="Result">
      <h2>{aloneSentence(labels[0] ?? "", metrics)}</h2>
      <p className={styles.fair}>
        {dataset !== null && <RefLink target={dataset} />}
        {errors.length > 0 ? <span><b className={styles.warn}>!</b> {errors.join(", ")}</span> : <span><b className={styles.good}>✓</b> no errors</span>}
        {run.status === "running" && <span><b className={styles.warn}>!</b> still running: {formatCount(run.rows)}{run.total === null ? "" : ` of ${formatCount(run.total)}`} rows done</span>}
        <span className="mid">{[run.name, plural(run.rows, "row"), run.scorers.join(", ")].filter(Boolean).join(" · ")}</span>
      </p>
    </section>
  );
}
