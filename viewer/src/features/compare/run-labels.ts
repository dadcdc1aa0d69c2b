import type { EvaluationRun } from "@/api/types";

/** Names to tell the runs apart: the model where the display names do not, and a number where the models do not either. */
export function runLabels(runs: readonly EvaluationRun[]): string[] {
  const isUnique = (names: string[]) => new Set(names).size === names.length;
  const names = runs.map((run) => run.name);
  if (isUnique(names)) return names;
  const models = runs.map((run) => run.model);
  if (isUnique(models)) return models;
  return names.map((name, i) => `${name} ${i + 1}`);
}
