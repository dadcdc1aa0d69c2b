import type { ComparedCell as Cell, ComparedRow, Comparison, Decision, EvaluationRun as Run, Metric } from "../src/api/types.ts";
import { formatDifference } from "../src/lib/number.ts";
import { type Random } from "./random.ts";
import { EXAMPLES, type MockStore } from "./store.ts";

const ROWS = 120;
const mean = (values: number[]) => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length);

function makeCell(random: Random, i: number, goodness: number, slowness: number): Cell {
  const [, , good, bad] = EXAMPLES[i % EXAMPLES.length] ?? ["", "", "", ""];
  const right = random.next() < goodness;
  const failed = random.next() < 0.02;
  return {
    call_id: random.hex(12), trace_id: random.hex(32), output: failed ? null : right ? good : bad,
    scores: failed ? {} : { exact_match: { correct: right }, judge: Number((right ? 0.8 + random.next() * 0.2 : random.next() * 0.6).toFixed(2)) },
    is_infrastructure: failed, infrastructure_scorers: [], cost: null,
    latency_s: Number((slowness * (0.7 + random.next() * 0.8)).toFixed(3)), tokens: failed ? null : random.between(300, 900),
    error: failed ? "RateLimitError: 429 Too Many Requests, retry after 20 s" : null,
    scorer_errors: !failed && random.next() < 0.01 ? { judge: "JSONDecodeError: Expecting value: line 1 column 1 (char 0)" } : {},
  };
}

const METRICS: Omit<Metric, "value">[] = [
  { name: "exact_match.correct.true_fraction", scorer: "exact_match", kind: "fraction", higher_is_better: true },
  { name: "judge.mean", scorer: "judge", kind: "number", higher_is_better: true },
  { name: "model_latency.mean", scorer: null, kind: "seconds", higher_is_better: false },
  { name: "total_tokens.mean", scorer: null, kind: "tokens", higher_is_better: null },
];

const correct = (cell: Cell) => ((cell.scores["exact_match"] as { correct: boolean } | undefined)?.correct ? 1 : 0);

function measure(cells: Cell[]): (number | null)[] {
  const scored = cells.filter((cell) => cell.error === null);
  return [mean(scored.map(correct)), mean(scored.map((cell) => Number(cell.scores["judge"]))), mean(cells.map((cell) => cell.latency_s ?? 0)), mean(scored.map((cell) => cell.tokens ?? 0))];
}

export function addEvaluations(random: Random, store: MockStore, nowUs: number) {
  const specs: [string, number, number, Run["status"]][] = [["few-shot-long", 0.8, 3.4, "running"], ["few-shot", 0.74, 2.7, "success"], ["plain", 0.62, 1.9, "success"]];
  specs.forEach(([name, goodness, slowness, status], i) => {
    const running = status === "running";
    const cells = Array.from({ length: ROWS }, (_, row) => (running && row >= 87 ? null : makeCell(random, row, goodness, slowness)));
    const done = cells.filter((cell) => cell !== null);
    const values = measure(done);
    const start = nowUs - (running ? 95_000_000 : i * 5_400_000_000);
    const id = `eval-${random.hex(8)}`;
    store.rows.set(id, cells);
    store.runs.push({
      id, trace_id: random.hex(32), name, evaluation: "support-quality", evaluation_ref: "weave:///local/support-bot/object/support-quality:1a2b3c4d", model: i === 2 ? "support-bot v0" : "support-bot v1",
      model_ref: "weave:///local/support-bot/object/support-bot:9f8e7d6c", dataset: "tickets", dataset_ref: "weave:///local/support-bot/object/tickets:12ab34cd", scorers: ["exact_match", "judge"], scorer_refs: [], trials: 1, directions: {}, git: null, packages: {}, is_baseline: i === 2,
      status, start_us: start, end_us: running ? null : start + 340_000_000, rows: done.length, total: ROWS,
      errors: { infrastructure: 0, model: done.filter((cell) => cell.error !== null).length, scorer: done.filter((cell) => Object.keys(cell.scorer_errors).length > 0).length }, summary: null,
      metrics: METRICS.map((metric, m) => ({ ...metric, value: values[m] ?? null })),
    });
  });
}

/** A verdict of about the right shape: what is twice its made-up error is decided. */
function decide({ name, kind, higher_is_better }: Omit<Metric, "value">, estimate: number): Decision {
  const error = kind === "seconds" ? 0.1 : kind === "tokens" ? 20 : 0.04;
  const [low, high] = [estimate - 2 * error, estimate + 2 * error];
  const isSure = low > 0 || high < 0;
  const verdict = !isSure ? "undecided" : higher_is_better === null ? "different" : estimate > 0 === higher_is_better ? "better" : "worse";
  return {
    verdict, estimate, low, high, why: null, rows: ROWS, improved: 20, regressed: 8, left_out: 2, p: isSure ? 0.004 : 0.4, p_corrected: isSure ? 0.008 : 0.8, tested: 2,
    method: "paired t-test", detectable: 3 * error, wanted: Math.abs(estimate), rows_needed: 400, trials_needed: null,
    interval: `${formatDifference(low, kind)} to ${formatDifference(high, kind)}`, said: `${name} ${formatDifference(estimate, kind)}, ${verdict}`, power: "",
  };
}

export function compare(store: MockStore, ids: string[]): Comparison | null {
  const runs = ids.flatMap((id) => store.runs.filter((run) => run.id === id));
  if (runs.length === 0 || runs.length < ids.length) return null;
  const groups = { improved: 0, regressed: 0, mixed: 0, unchanged: 0, not_comparable: 0 };
  const rows = Array.from({ length: ROWS }, (_, index): ComparedRow => {
    const cells = runs.map((run) => store.rows.get(run.id)?.[index] ?? null);
    const [base, ...others] = cells;
    const moves = others.map((cell) => (base && cell && !base.error && !cell.error ? correct(cell) - correct(base) : null));
    const group = others.length === 0 || moves.some((move) => move === null) ? (others.length === 0 ? "unchanged" : "not_comparable")
      : moves.some((move) => (move ?? 0) > 0) ? (moves.some((move) => (move ?? 0) < 0) ? "mixed" : "improved")
      : moves.some((move) => (move ?? 0) < 0) ? "regressed" : "unchanged";
    groups[group] += 1;
    const [question, intent, expected] = EXAMPLES[index % EXAMPLES.length] ?? ["", "", ""];
    return { digest: `row${index}`, index, twin: 0, trial: 0, example: { id: `T-${2_200 + index}`, question, expected, intent }, group, cells };
  });
  const metrics = METRICS.map((metric, m) => {
    const values = runs.map((run) => run.metrics[m]?.value ?? null);
    const [first = null] = values;
    const differences = values.map((value) => (value === null || first === null ? null : value - first));
    return { ...metric, values, differences, decisions: differences.map((difference, i) => (i === 0 || difference === null ? null : decide(metric, difference))) };
  });
  const labels = runs.map((run) => run.name);
  const others = labels.slice(1).map((label, i) => ({ label, run: i + 1 }));
  return {
    runs, labels, same_dataset: true, same_scorers: true, is_fair: true, metrics, rows, groups,
    remarks: others.flatMap(({ run }) => ["same dataset", "same scorers"].map((text) => ({ run, level: "fair" as const, text }))),
    headlines: others.map(({ label, run }) => `${label} against ${labels[0] ?? ""}: ${metrics[0]?.decisions[run]?.said ?? ""}`),
    gists: others.map(({ label }) => `${label} is better than ${labels[0] ?? ""} on judge`),
    footnotes: others.map(({ run }) => ({ run, level: "note" as const, text: `judge: with ${ROWS} rows a difference of 0.060 could have been seen` })),
  };
}

/** The comparison without what the runs said, as the server splits it. */
export function outline(store: MockStore, ids: string[]) {
  const whole = compare(store, ids);
  if (whole === null) return null;
  const { rows, ...comparison } = whole;
  const over = <T>(take: (cell: Cell | null) => T) => comparison.runs.map((_, run) => rows.map((row) => take(row.cells[run] ?? null)));
  return {
    comparison: { ...comparison, rows: [] }, rows: rows.map(({ digest, twin, index, trial, group }) => ({ digest, twin, index, trial, group })),
    calls: over((cell) => cell?.call_id ?? null), tokens: over((cell) => cell?.tokens ?? null), costs: over((cell) => cell?.cost ?? null), failed: over((cell) => cell !== null && cell.error !== null),
    measures: [
      { name: "exact_match.correct", scorer: "exact_match", kind: "fraction" as const, higher_is_better: true, values: over((cell) => (cell === null || cell.error !== null ? null : correct(cell))) },
      { name: "model_latency (mean)", scorer: null, kind: "seconds" as const, higher_is_better: false, values: over((cell) => cell?.latency_s ?? null) },
    ],
  };
}

export function bodies(store: MockStore, calls: string[], digests: string[]) {
  const wanted = new Set(calls);
  const cells = [...store.rows.values()].flat().filter((cell) => cell !== null && wanted.has(cell.call_id));
  const whole = compare(store, [store.runs[0]?.id ?? ""]);
  return { cells, rows: Object.fromEntries((whole?.rows ?? []).filter((row) => digests.includes(row.digest)).map((row) => [row.digest, row.example])) };
}
