/** The columns of the list of traces: which, in what order, how wide, which stay in sight; as they stand in an address. */
export interface Column {
  id: string;
  width?: number;
  isPinned?: true;
}

interface Known {
  label: string;
  width: number;
  /** What it grows from when there is room. */
  isGrowing?: true;
  isNumber?: true;
  /** The field by which the server sorts. */
  sort?: string;
}

/** Columns of what each listed call has anyway; any other is a field that the server reads. */
export const KNOWN: Readonly<Record<string, Known>> = {
  op: { label: "Op", width: 190, isGrowing: true, sort: "op_name" },
  input: { label: "Input", width: 130, isGrowing: true },
  output: { label: "Output", width: 130, isGrowing: true },
  scores: { label: "Scores", width: 186 },
  latency: { label: "Latency", width: 88, isNumber: true, sort: "latency" },
  tokens: { label: "Σ tokens", width: 88, isNumber: true, sort: "tokens" },
  cost: { label: "Σ cost", width: 88, isNumber: true },
  started: { label: "Started", width: 104, isNumber: true, sort: "started_at" },
  ended: { label: "Ended", width: 104, isNumber: true, sort: "ended_at" },
  kind: { label: "Kind", width: 90, sort: "kind" },
  model: { label: "Model", width: 140, sort: "model" },
  input_tokens: { label: "Tokens in", width: 88, isNumber: true, sort: "input_tokens" },
  output_tokens: { label: "Tokens out", width: 92, isNumber: true, sort: "output_tokens" },
  thread: { label: "Thread", width: 130, sort: "thread_id" },
  reactions: { label: "Reactions", width: 90 },
};
/** Fields beside those, which the server reads, that are always offered. */
export const OFFERED = ["notes"] as const;
export const LEAST = 56;
const MOST = 1_200;
const OTHER: Known = { label: "", width: 160 };

export const isKnown = (id: string): boolean => Object.hasOwn(KNOWN, id);
export const aboutColumn = (id: string): Known => KNOWN[id] ?? { ...OTHER, label: id === "notes" ? "Notes" : id.replace(/\\(.)/g, "$1"), sort: id };

/** What is shown where nothing was chosen: less where there is less room. */
export function defaultColumns(room: "wide" | "medium" | "small", has: { scores: boolean; cost: boolean }): Column[] {
  if (room === "small") return ["op", "input", "latency"].map((id) => ({ id }));
  if (room === "medium") return ["op", "input", "output", "latency", "started"].map((id) => ({ id }));
  const ids = ["op", "input", "output", "scores", "latency", "tokens", "cost", "started"];
  return ids.filter((id) => (id !== "scores" || has.scores) && (id !== "cost" || has.cost)).map((id) => ({ id }));
}

const ITEM = /(?:[^,\\]|\\.)+/gsu;
const PARTS = /^(!?)(.+?)(?:@(\d+))?$/su;
const clamp = (width: number) => Math.round(Math.min(Math.max(width, LEAST), MOST));

/** `!op@220,input,inputs.question`: an exclamation mark pins, @ says how wide. */
export function parseColumns(text: string): Column[] {
  const found = new Map<string, Column>();
  for (const [item] of text.matchAll(ITEM)) {
    const [, pin = "", id = "", width] = PARTS.exec(item.trim()) ?? [];
    if (id !== "" && !found.has(id)) found.set(id, { id, ...(width === undefined ? {} : { width: clamp(Number(width)) }), ...(pin === "" ? {} : { isPinned: true as const }) });
  }
  return [...found.values()];
}

/** A name that looks as if it said how wide it is has to say it. */
const writeColumn = ({ id, width, isPinned }: Column) =>
  `${isPinned ? "!" : ""}${id}${width === undefined && !/@\d+$/.test(id) ? "" : `@${clamp(width ?? aboutColumn(id).width)}`}`;

export const writeColumns = (columns: readonly Column[]): string => columns.map(writeColumn).join(",");

/** Pinned ones stand first, in their order. */
export const pinnedFirst = (columns: readonly Column[]): Column[] => [...columns.filter((column) => column.isPinned), ...columns.filter((column) => !column.isPinned)];

/** Moves a column by some places, among those that are pinned or those that are not. */
export function moveColumn(columns: readonly Column[], id: string, step: number): Column[] {
  const ordered = pinnedFirst(columns);
  const from = ordered.findIndex((column) => column.id === id);
  const moved = ordered[from];
  const other = ordered[from + step];
  if (moved === undefined || other?.isPinned !== moved.isPinned) return ordered;
  const rest = ordered.toSpliced(from, 1);
  return rest.toSpliced(from + step, 0, moved);
}

/** Puts a column where another is. */
export function placeColumn(columns: readonly Column[], id: string, at: string): Column[] {
  const ordered = pinnedFirst(columns);
  const index = (name: string) => ordered.findIndex((column) => column.id === name);
  return moveColumn(columns, id, index(at) - index(id));
}

export const widenColumn = (columns: readonly Column[], id: string, width: number): Column[] => columns.map((column) => (column.id === id ? { ...column, width: clamp(width) } : column));

export const pinColumn = (columns: readonly Column[], id: string): Column[] =>
  pinnedFirst(columns.map((column) => (column.id === id ? { id, ...(column.width === undefined ? {} : { width: column.width }), ...(column.isPinned ? {} : { isPinned: true as const }) } : column)));

export const toggleColumn = (columns: readonly Column[], id: string): Column[] => {
  const rest = columns.filter((column) => column.id !== id);
  return rest.length < columns.length ? (rest.length === 0 ? [...columns] : rest) : [...columns, { id }];
};

/** The fields that the server has to read for these columns, as it is asked for them. */
export const fieldsOf = (columns: readonly Column[]): string[] => columns.filter((column) => !isKnown(column.id)).map((column) => column.id);

export interface Sort {
  field: string;
  direction: "asc" | "desc";
}

export const NEWEST: Sort = { field: "started_at", direction: "desc" };

export function parseSort(text: string | undefined): Sort {
  const found = /^(.+):(asc|desc)$/su.exec(text ?? "");
  return found?.[1] === undefined ? NEWEST : { field: found[1], direction: found[2] as Sort["direction"] };
}

/** What a click on a head asks for: downwards, then upwards, then the newest first again. */
export function nextSort(sort: Sort, field: string): string | undefined {
  const next: Sort | undefined = sort.field !== field ? { field, direction: "desc" } : sort.direction === "desc" ? { field, direction: "asc" } : undefined;
  return next === undefined || (next.field === NEWEST.field && next.direction === NEWEST.direction) ? undefined : `${next.field}:${next.direction}`;
}
