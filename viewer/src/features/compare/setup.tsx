import { useQueries } from "@tanstack/react-query";
import { useState } from "react";

import { describedQuery } from "@/api/evaluation-queries";
import type { EvaluationRun } from "@/api/types";
import { flatten } from "@/lib/flatten";
import { plural } from "@/lib/number";
import { FoldedDiff } from "@/ui/folded-diff";
import { Button } from "@/ui/button";
import { Loading } from "@/ui/notices";
import { cardClass } from "@/ui/page-bar";
import table from "@/ui/table.module.css";

import styles from "./compare.module.css";

const LONG = 600;

/** What was run: every field of the model, its prompts and code, the evaluation, the commit and the packages, run beside run. */
export function Setup({ runs, labels }: { runs: readonly EvaluationRun[]; labels: readonly string[] }) {
  const [isAll, setAll] = useState(false);
  const models = useQueries({ queries: runs.map((run) => describedQuery(run.model_ref)), combine: together });
  const evaluations = useQueries({ queries: runs.map((run) => describedQuery(run.evaluation_ref)), combine: together });
  if (models === null || evaluations === null) return <Loading lines={3} />;
  const columns = runs.map((run, i) => flatten({ model: models[i] ?? run.model, evaluation: evaluations[i] ?? run.evaluation, git: run.git ?? undefined, packages: run.packages }));
  const paths = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const differing = paths.filter((path) => new Set(columns.map((column) => column.get(path))).size > 1);
  const shown = isAll ? paths : differing;
  return (
    <section className={`${cardClass} ${styles.metrics}`} aria-label="What differs">
      <div className={styles.axes}><h2>{differing.length === 0 ? "Models, prompts, evaluation, commit and packages are the same." : `${plural(differing.length, "field")} of ${paths.length} ${differing.length === 1 ? "differs" : "differ"}`}</h2><span className="spacer" /><Button aria-pressed={isAll} isOn={isAll} onClick={() => { setAll(!isAll); }}>Show all fields</Button></div>
      {shown.length > 0 && (
        <table className={`${table.table} ${styles.setup}`}>
          <thead><tr><th scope="col">Field</th>{labels.map((label) => <th key={label} scope="col">{label}</th>)}</tr></thead>
          <tbody>
            {shown.map((path) => (
              <tr key={path}>
                <th scope="row">{path}</th>
                {columns.map((column, i) => <td key={labels[i]}><Field before={columns[0]?.get(path)} value={column.get(path)} isBase={i === 0} /></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const together = (results: { data: unknown; isPending: boolean }[]) => (results.some((result) => result.isPending) ? null : results.map((result) => result.data));

function Field({ before, value, isBase }: { before: string | undefined; value: string | undefined; isBase: boolean }) {
  if (value === undefined) return <span className="dim">none</span>;
  return <div className={styles.value}><FoldedDiff text={value} against={isBase ? undefined : before} side={value.length > 60 ? "both" : "after"} most={LONG} /></div>;
}
