import type { TreeCall, TreeNode } from "./tree";

export interface Neighbours {
  ids: readonly string[];
  at: number;
}

/** The children of the same parent, in order. */
export function siblingsOf<T extends TreeCall>(nodes: readonly TreeNode<T>[], roots: readonly TreeNode<T>[], id: string): Neighbours {
  const own = nodes.find((node) => node.call.id === id);
  const parent = nodes.find((node) => own !== undefined && node.depth === own.depth - 1 && node.children.includes(own));
  return among((parent?.children ?? roots).map((node) => node.call.id), id);
}

/** The calls of the same op anywhere in the trace, by their start. */
export function peersOf<T extends TreeCall & { op_name: string }>(calls: readonly T[], id: string): Neighbours {
  const name = calls.find((call) => call.id === id)?.op_name;
  return among(calls.filter((call) => call.op_name === name).map((call) => call.id), id);
}

const among = (ids: readonly string[], id: string): Neighbours => ({ ids, at: ids.indexOf(id) });

/** The neighbour a step away; none beyond the ends. */
export const stepTo = ({ ids, at }: Neighbours, step: number): string | undefined => ids[at + step];
