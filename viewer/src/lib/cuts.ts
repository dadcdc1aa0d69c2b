import { isObject } from "./json";

/** Of a value at a path only the start is here: `next` is where the rest begins. */
export interface Cut {
  path: string[];
  kind: string;
  total: number;
  next: number;
  /** Names all of it, where this was asked for. */
  digest?: string;
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

/** What is here of the bodies of a call, and where they are cut. */
export interface Held {
  bodies: unknown;
  cuts: readonly Cut[];
}

/** The same with the next part of what is cut put where it belongs; whatever else is in the bodies stays the same object. */
export function withPart({ bodies, cuts }: Held, cut: Cut, part: Part): Held {
  const rest = part.next === null ? [] : [{ ...cut, next: part.next }];
  return {
    bodies: changedAt(bodies, cut.path, (start) => joined(start, part)),
    cuts: [...cuts.flatMap((each) => (keyOf(each.path) === keyOf(cut.path) ? rest : [each])), ...part.cuts],
  };
}

function joined(start: unknown, part: Part): unknown {
  if (typeof start === "string") return start + part.text;
  if (Array.isArray(start)) return [...(start as unknown[]), ...part.items.map((item) => item.value)];
  return isObject(start) ? { ...start, ...Object.fromEntries(part.items.map((item) => [item.name, item.value])) } : start;
}

function changedAt(value: unknown, [step, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === step ? changedAt(item, rest, change) : item));
  return isObject(value) && Object.hasOwn(value, step) ? { ...value, [step]: changedAt(value[step], rest, change) } : value;
}

/** What stands on the way to a path, the outermost first, the value there last. */
export function wayTo(value: unknown, path: readonly string[]): unknown[] {
  const way = [value];
  for (const step of path) {
    const at: unknown = way.at(-1);
    way.push(Array.isArray(at) ? at[Number(step)] : isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined);
  }
  return way;
}
