import { isObject } from "./json";

/** The scores of one row by name; a score of several parts is one for each part. */
export function scoreParts(scores: unknown): [string, unknown][] {
  if (!isObject(scores)) return [];
  return Object.entries(scores).flatMap(([name, value]): [string, unknown][] =>
    isObject(value) ? Object.entries(value).map(([part, each]): [string, unknown] => [`${name}.${part}`, each]) : [[name, value]]);
}

/** What fits a chip: a text as long as a reason is read where there is room for it. */
export const isShortScore = (value: unknown) => typeof value !== "string" || value.length <= 24;

export const chipScores = (scores: Record<string, unknown>): [string, unknown][] => Object.entries(scores).filter(([, value]) => isShortScore(value));
