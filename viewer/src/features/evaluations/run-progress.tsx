import { useEffect, useState } from "react";

import type { EvaluationRun, RunScores } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { formatRate, progressOf } from "@/lib/runs";
import { formatDuration } from "@/lib/time";
import { StatusDot } from "@/ui/marks";

import styles from "./evaluations.module.css";

/** Rows done of all, what failed, and while it runs how fast it goes; what was interrupted says how to go on. */
export function RunProgress({ run, scores }: { run: EvaluationRun; scores: RunScores | null }) {
  const [model, scorer, infrastructure] = [Math.max(run.errors.model, scores?.failed ?? 0), Math.max(run.errors.scorer, scores?.scorer_errors ?? 0), Math.max(run.errors.infrastructure, scores?.infrastructure ?? 0)];
  const errors = [model > 0 ? plural(model, "model error") : "", scorer > 0 ? plural(scorer, "scorer error") : "", infrastructure > 0 ? `${formatCount(infrastructure)} infrastructure` : ""].filter((text) => text !== "");
  return (
    <>
      <span className={styles.progress}>
        <StatusDot status={run.status} />
        <span>{run.total === null || run.total === run.rows ? plural(run.rows, "row") : `${formatCount(run.rows)} of ${formatCount(run.total)}`}</span>
        {run.status === "running" && run.total !== null && <progress value={run.rows} max={run.total} aria-label="Rows done" />}
        {errors.length > 0 && <span className={styles.errors}>{errors.join(", ")}</span>}
      </span>
      {run.status === "running" && <Pace run={run} />}
      {run.status === "interrupted" && <span className={styles.under}>go on: <code>weavelite eval resume {run.id.slice(0, 13)}</code></span>}
      {run.status === "error" && <span className={styles.under}>it ended with an error</span>}
    </>
  );
}

/** Its clock goes on between looks at the store. */
function Pace({ run }: { run: EvaluationRun }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 1_000);
    return () => { clearInterval(timer); };
  }, []);
  const { rate, left } = progressOf(run, now * 1_000);
  return <span className={styles.under}>{rate === null ? "starting" : formatRate(rate)}{left === null ? "" : `, ${formatDuration(left)} left`}</span>;
}
