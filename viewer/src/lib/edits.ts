import { isObject } from "./json";

export type Cells = Record<string, string>;

/** What was done to the rows of a dataset and not yet saved. Cells are what was typed. */
export interface Edits {
  cells: ReadonlyMap<number, Cells>;
  deleted: ReadonlySet<number>;
  added: readonly Cells[];
  /** New columns, with what stands in them where nothing else was typed. */
  columns: Readonly<Cells>;
}

export const NO_EDITS: Edits = { cells: new Map(), deleted: new Set(), added: [], columns: {} };

export const countOf = ({ cells, deleted, added, columns }: Edits): number =>
  [...cells].reduce((sum, [place, row]) => sum + (deleted.has(place) ? 0 : Object.keys(row).length), 0) + deleted.size + added.length + Object.keys(columns).length;

export function withCell(edits: Edits, place: number, column: string, text: string, before: unknown): Edits {
  const row = { ...edits.cells.get(place) };
  if (text === textOfCell(before) && before !== undefined) delete row[column];
  else row[column] = text;
  const cells = new Map(edits.cells);
  if (Object.keys(row).length === 0) cells.delete(place);
  else cells.set(place, row);
  return { ...edits, cells };
}

export function withDeleted(edits: Edits, place: number): Edits {
  const deleted = new Set(edits.deleted);
  if (!deleted.delete(place)) deleted.add(place);
  return { ...edits, deleted };
}

export const withAddedCell = (edits: Edits, at: number, column: string, text: string): Edits => ({ ...edits, added: edits.added.map((row, i) => (i === at ? { ...row, [column]: text } : row)) });

/** A text stands as it is, everything else as JSON; a text that would be read as JSON is quoted. */
export const textOfCell = (value: unknown): string => (value === undefined ? "" : typeof value === "string" && !isJson(value) ? value : JSON.stringify(value));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return /^\s*(NaN|-?Infinity)\s*$/.test(text);
  }
}

/** What was typed as JSON: numbers, lists and the like are what they look like, the rest is text. In a column of texts digits are text too. */
export const jsonOfCell = (text: string, isText = false): string => (isText && !/^\s*["{[]/.test(text) ? JSON.stringify(text) : isJson(text) ? text.trim() : JSON.stringify(text));

/** Columns in which each value that was seen is a text. */
export function textColumns(values: readonly unknown[]): Set<string> {
  const texts = new Set<string>();
  const others = new Set<string>();
  for (const value of values) {
    if (isObject(value)) for (const [column, cell] of Object.entries(value)) if (cell !== null) (typeof cell === "string" ? texts : others).add(column);
  }
  return new Set([...texts].filter((column) => !others.has(column)));
}

/** Rows that were pasted: by their first line where it names columns, else by their place. */
export function pasted(table: readonly (readonly string[])[], columns: readonly string[]): { rows: Cells[]; columns: string[] } {
  const [first, ...rest] = table;
  if (first === undefined) return { rows: [], columns: [] };
  const isHead = columns.length === 0 || first.some((cell) => columns.includes(cell.trim()));
  const names = isHead ? first.map((cell) => cell.trim()) : [...columns, ...first.slice(columns.length).map((_, i) => `column ${columns.length + i + 1}`)].slice(0, Math.max(first.length, 1));
  const rows = (isHead ? rest : table).map((row) => Object.fromEntries(row.flatMap((cell, i): [string, string][] => { const name = names[i]; return name === undefined || name === "" || cell === "" ? [] : [[name, cell]]; })));
  return { rows, columns: names.filter((name) => name !== "" && !columns.includes(name)) };
}

interface Request {
  cells: Record<number, Cells>;
  deleted: number[];
  added: Cells[];
  filled: Cells;
}

export function requestOf({ cells, deleted, added, columns }: Edits, texts: ReadonlySet<string>): Request {
  const written = (row: Cells) => Object.fromEntries(Object.entries(row).map(([column, text]) => [column, jsonOfCell(text, texts.has(column))]));
  const filled = Object.fromEntries(Object.entries(columns).filter(([, text]) => text !== ""));
  return {
    cells: Object.fromEntries([...cells].filter(([place]) => !deleted.has(place)).map(([place, row]) => [place, written(row)])),
    deleted: [...deleted].sort((a, b) => a - b),
    added: added.map((row) => written({ ...filled, ...Object.fromEntries(Object.entries(row).filter(([, text]) => text !== "")) })),
    filled: written(filled),
  };
}
