import type { EvaluationRun } from "@/api/types";
import { formatFull } from "@/lib/time";

import styles from "./compare.module.css";

interface Props {
  runs: readonly EvaluationRun[];
  labels: readonly string[];
  onBaseline: (id: string) => void;
  onRemove: (id: string) => void;
}

export function RunChips({ runs, labels, onBaseline, onRemove }: Props) {
  return (
    <ul className={styles.chips} aria-label="Compared runs">
      {runs.map((run, i) => (
        <li key={run.id} className={styles.chip} data-baseline={i === 0}>
          <button type="button" aria-pressed={i === 0} title={i === 0 ? `Baseline: ${run.name}, ${formatFull(run.start_us)}` : `Make it the baseline: ${run.name}, ${formatFull(run.start_us)}`} onClick={() => { onBaseline(run.id); }}>
            <i aria-hidden="true" />{labels[i]}{i === 0 && <span>baseline</span>}
          </button>
          {runs.length > 2 && <button type="button" aria-label={`Leave out ${labels[i] ?? ""}`} onClick={() => { onRemove(run.id); }}>×</button>}
        </li>
      ))}
    </ul>
  );
}
