import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { rowHistoryQuery } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { ComparedCell, RowHistory } from "@/api/types";
import { textOf } from "@/lib/json";
import { scoreParts } from "@/lib/scores";
import { summarize } from "@/lib/summary";
import { formatFull, formatStarted } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { FoldedDiff } from "@/ui/folded-diff";
import { Score } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import table from "@/ui/table.module.css";

import styles from "./compare.module.css";
import { useChange } from "./use-comparison";

const LONG = 400;

/** A row over the runs of its evaluation: where its scores flip, and whether model, judge or a changed scorer did it. */
export function History({ p, evaluation, row, shown }: { p: ProjectId; evaluation: string; row: string; shown: readonly string[] }) {
  const query = useQuery(rowHistoryQuery(p, evaluation, row));
  const change = useChange();
  return (
    <Dialog title={`Row ${query.data?.index == null ? row.slice(0, 6) : `#${query.data.index}`} over the runs of ${evaluation}`} isOpen isWide onClose={() => { change({ row: undefined }); }} description={query.data?.said ?? "What each run gave for it."}>
      <Gate query={query} what="The history of this row">{(history) => <Runs p={p} history={history} shown={shown} />}</Gate>
    </Dialog>
  );
}

interface Line {
  place: number;
  trial: number;
  cell: ComparedCell;
  /** What the run before gave in the same trial. */
  before: ComparedCell | undefined;
}

function Runs({ p, history, shown }: { p: ProjectId; history: RowHistory; shown: readonly string[] }) {
  const lines = history.runs.flatMap((run, place) => Object.entries(run.cells).sort().map(([trial, cell]): Line => ({
    place, trial: Number(trial), cell, before: history.runs.slice(0, place).findLast((each) => each.cells[trial]?.error === null)?.cells[trial],
  })));
  return (
    <div className={styles.over} tabIndex={0} role="region" aria-label="Runs">
      <p className="mid">{summarize(history.example, 400)}</p>
      <table className={table.table}>
        <thead><tr><th scope="col">Run</th><th scope="col">Output, and what changed since the run before</th><th scope="col">Scores</th></tr></thead>
        <tbody>
          {lines.reverse().map(({ place, trial, cell, before }) => {
            const run = history.runs[place];
            const flips = history.flips.filter((flip) => flip.place === place && flip.trial === trial);
            return run && (
              <tr key={`${run.run_id} ${trial}`} data-shown={shown.includes(run.run_id)}>
                <td>
                  <Link className={styles.link} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: cell.trace_id }} search={{ call: cell.call_id }}>{run.name}</Link>
                  <div className="dim small">{run.model}{Object.keys(run.cells).length > 1 ? ` · trial ${trial + 1}` : ""} · <time title={formatFull(run.start_us)}>{formatStarted(run.start_us)}</time></div>
                </td>
                <td>{cell.error === null ? <FoldedDiff text={textOf(cell.output)} against={before ? textOf(before.output) : undefined} side="both" most={LONG} /> : <span className={styles.error}>{cell.error}</span>}</td>
                <td>{scoreParts(cell.scores).map(([name, value]) => { const flip = flips.find((each) => each.metric === name); return <div key={name}><Score name={name} value={value} className={flip ? undefined : styles.same} />{flip && <span className={styles.flip} title={`was ${String(flip.before)} in the run before`}>↯ {flip.cause}</span>}</div>; })}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
