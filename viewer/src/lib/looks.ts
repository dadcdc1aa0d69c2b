import { heldOf } from "./content";
import { isObject, type JsonObject } from "./json";

export type Look = "tree" | "table" | "text" | "markdown" | "raw";

/** In which ways a value can be read; the first is how it is shown at first. */
export function looksOf(value: unknown): Look[] {
  if (typeof value === "string") return isMarkup(value) || value.includes("\n") ? ["text", "markdown"] : ["text"];
  if (typeof value !== "object" || value === null) return ["tree"];
  return tableOf(value) === null ? ["tree", "raw"] : ["tree", "table", "raw"];
}

const MARKUP = /^#{1,6} |^\s*[-*+] \S|^\s*\d+[.)] \S|^```|\*\*\S[^*]*\*\*|^\s*\|.*\|\s*$|\[[^\]]+\]\(https?:/m;

/** Whether a text was written to be read as Markdown. */
export const isMarkup = (text: string): boolean => MARKUP.test(text.slice(0, 20_000));

export interface ObjectTable {
  columns: string[];
  rows: JsonObject[];
}

const MOST_COLUMNS = 40;

/** A list of objects with about the same fields as a table; null for any other value. */
export function tableOf(value: unknown): ObjectTable | null {
  if (!Array.isArray(value) || value.length < 2 || !value.every((item) => isObject(item) && heldOf(item) === null)) return null;
  const rows = value as JsonObject[];
  const counts = new Map<string, number>();
  for (const row of rows) for (const key of Object.keys(row)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const cells = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const isEven = counts.size > 0 && counts.size <= MOST_COLUMNS && cells >= 0.6 * counts.size * rows.length;
  return isEven ? { columns: [...counts.keys()], rows } : null;
}
