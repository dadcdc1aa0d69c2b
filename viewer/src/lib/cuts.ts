/** Of a value at a path only the start is here: `next` is where the rest begins. */
export interface Cut {
  path: string[];
  kind: string;
  total: number;
  next: number;
}

export interface Part {
  text: string;
  items: { name: string; value: unknown }[];
  next: number | null;
  cuts: Cut[];
}

/** What is known of values that come in parts, and how the rest of one is read. */
export interface ValueParts {
  /** Names the value that the paths are in. */
  id: string;
  /** How large the whole of a body is, when not all of it is here. */
  sizeOf: (body: string | undefined) => number | undefined;
  cutAt: (path: readonly string[]) => Cut | undefined;
  read: (path: readonly string[], start: number, signal?: AbortSignal) => Promise<Part>;
  hrefOf: (path: readonly string[]) => string;
}

const keyOf = (path: readonly string[]) => JSON.stringify(path);

/** Cuts by path; those of parts are noted when they come. */
export function cutsByPath(cuts: readonly Cut[]) {
  const known = new Map<string, Cut>();
  const note = (more: readonly Cut[]) => { for (const cut of more) known.set(keyOf(cut.path), cut); };
  note(cuts);
  return { at: (path: readonly string[]) => known.get(keyOf(path)), note };
}

/** Whether anything at a path or inside of it is cut. */
export const isCutIn = (cuts: readonly Cut[], path: readonly string[]): boolean => cuts.some((cut) => path.every((step, i) => cut.path[i] === step));
