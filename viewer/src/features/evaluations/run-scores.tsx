import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { scoresQuery } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { EvaluationRun, Mean, Metric, RunScores } from "@/api/types";
import { formatMetric, formatTokens } from "@/lib/number";
import table from "@/ui/table.module.css";

import styles from "./evaluations.module.css";

/** What the rows of a run say is read when the run comes into sight: it takes a look at each of its cells. */
export function useScores(p: ProjectId, run: EvaluationRun) {
  const ref = useRef<HTMLTableRowElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null || isSeen) return;
    const observer = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) setSeen(true); });
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, [isSeen]);
  const { data } = useQuery({ ...scoresQuery(p, run), enabled: isSeen && run.rows > 0 });
  return { ref, scores: data ?? null };
}

/** The summary has the mean when the run has ended, the rows have it before, and its interval. */
export function MeanCell({ metric, mean }: { metric: Metric | undefined; mean: Mean | undefined }) {
  const value = metric?.value ?? mean?.value ?? null;
  const kind = metric?.kind ?? mean?.kind ?? "number";
  const hasInterval = mean?.low != null && mean.high !== null;
  return (
    <td className={table.num}>
      {formatMetric(value, kind)}
      {hasInterval && <span className={styles.interval} title={`95 % interval over ${mean.rows} rows`}><span className="sr">95 % interval </span>{formatMetric(mean.low, kind).replace(" %", "")} – {formatMetric(mean.high, kind)}</span>}
    </td>
  );
}

export const Tokens = ({ scores }: { scores: RunScores | null }) => scores?.tokens == null ? null : <span className={styles.under}>{formatTokens(scores.tokens)} tokens</span>;
