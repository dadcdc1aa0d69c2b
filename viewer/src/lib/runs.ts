interface Run {
  name: string;
  model: string;
  status: string;
  start_us: number;
  end_us: number | null;
  rows: number;
  total: number | null;
  git: Record<string, unknown> | null;
}

/** "4c1e3f2", and "dirty" where files were not committed. */
export function commitOf({ git }: Pick<Run, "git">): string | null {
  const commit = git?.["commit"];
  if (typeof commit !== "string") return null;
  return `${commit.slice(0, 7)}${git?.["dirty"] ? " dirty" : ""}`;
}

export interface Progress {
  /** Rows a second since the start. */
  rate: number | null;
  /** Microseconds until the last row at that rate. */
  left: number | null;
}

export function progressOf({ status, start_us, rows, total }: Run, nowUs: number): Progress {
  const took = nowUs - start_us;
  if (status !== "running" || rows === 0 || took <= 0) return { rate: null, left: null };
  const rate = rows / (took / 1_000_000);
  return { rate, left: total === null || total < rows ? null : ((total - rows) / rate) * 1_000_000 };
}

export const formatRate = (rate: number) => (rate >= 1 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} rows/s` : `${(rate * 60).toFixed(1)} rows/min`);

interface Listed extends Run {
  evaluation: string;
  dataset: string | null;
  metrics: readonly { name: string; scorer: string | null; value: number | null }[];
}

export interface Wanted {
  q?: string;
  dataset?: string;
  model?: string;
}

/** Every word has to be in what names a run. */
export function filterRuns<T extends Listed>(runs: readonly T[], { q = "", dataset, model }: Wanted): T[] {
  const words = q.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return runs.filter((run) => {
    const said = [run.name, run.evaluation, run.model, run.dataset, run.status, commitOf(run), run.git?.["branch"]].join(" ").toLowerCase();
    return words.every((word) => said.includes(word)) && (dataset === undefined || run.dataset === dataset) && (model === undefined || run.model === model);
  });
}

export const costOf = (run: Pick<Listed, "metrics">) => run.metrics.find((metric) => metric.name.startsWith("cost ("));

const KEYS: Record<string, (run: Listed) => number | string | null> = {
  run: (run) => run.name, model: (run) => run.model, dataset: (run) => run.dataset, status: (run) => run.status, took: (run) => (run.end_us === null ? null : run.end_us - run.start_us),
  cost: (run) => costOf(run)?.value ?? null, commit: commitOf, started: (run) => run.start_us,
};

/** By a column, or a metric by its name; after a minus from the top down. What has no value comes last. */
export function sortRuns<T extends Listed>(runs: readonly T[], sort = "-started"): T[] {
  const column = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  const key = KEYS[column] ?? ((run: Listed) => run.metrics.find((metric) => metric.name === column)?.value ?? null);
  return [...runs].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (typeof one === "string" ? one.localeCompare(String(other)) : one - Number(other));
  });
}
