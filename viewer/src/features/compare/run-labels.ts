import type { EvaluationRun } from "@/api/types";

/** `eval-2026-11-22-quick-stoat`: a name that nobody chose says less than the model does. */
const isGenerated = (name: string) => /^eval-\d{4}-\d\d-\d\d-/.test(name);

/** Names to tell the runs apart: the chosen ones, else the models, else a number. */
export function runLabels(runs: readonly EvaluationRun[]): string[] {
  const isUnique = (names: string[]) => new Set(names).size === names.length;
  const names = runs.map((run) => run.name);
  const models = runs.map((run) => run.model);
  const wished = names.some(isGenerated) ? [models, names] : [names, models];
  const found = wished.find(isUnique);
  if (found) return found;
  return names.map((name, i) => `${name} ${i + 1}`);
}
