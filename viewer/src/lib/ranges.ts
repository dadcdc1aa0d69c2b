/** An axis of which a range can be chosen, with the least and the greatest of what is on it. */
export interface RangedAxis {
  id: string;
  name: string;
  low: number;
  high: number;
  format: (value: number) => string;
}

type Ranges = Readonly<Record<string, readonly [number, number]>>;
export type Edge = "from" | "to";

/** The range of an axis as it is now: all of it when none was chosen. */
export const rangeOf = (axis: RangedAxis, ranges: Ranges): readonly [number, number] => ranges[axis.id] ?? [axis.low, axis.high];

/** One edge of a range moved, never past the other; all axes of `together` get a range, since they are brushed as one. */
export function withEdge(axes: readonly RangedAxis[], ranges: Ranges, id: string, edge: Edge, value: number, together: boolean): Ranges {
  const entries = axes.flatMap((axis): [string, readonly [number, number]][] => {
    const [from, to] = rangeOf(axis, ranges);
    if (axis.id === id) return [[id, edge === "from" ? [Math.min(value, to), to] : [from, Math.max(value, from)]]];
    return together || axis.id in ranges ? [[axis.id, [from, to]]] : [];
  });
  const isAll = entries.every(([each, [from, to]]) => axes.some((axis) => axis.id === each && from <= axis.low && to >= axis.high));
  return isAll ? {} : Object.fromEntries(entries);
}

export const boundsOf = (values: readonly (number | null)[]): [number, number] => {
  const known = values.filter((value) => value !== null);
  return [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
};
