import type { TreeCall, TreeNode } from "./tree";

/** Where a call stands among its like, and who is beside it. */
export interface Neighbours {
  count: number;
  at: number;
  before: string | undefined;
  after: string | undefined;
}

/** The children of the same parent, in order; `nodes` are depth first. */
export function siblingsOf<T extends TreeCall>(nodes: readonly TreeNode<T>[], roots: readonly TreeNode<T>[], id: string): Neighbours {
  const place = nodes.findIndex((node) => node.call.id === id);
  const all = parentOf(nodes, place)?.children ?? roots;
  const at = all.findIndex((node) => node.call.id === id);
  return { count: all.length, at, before: all[at - 1]?.call.id, after: all[at + 1]?.call.id };
}

/** Depth first, the parent of a call is the nearest one before it that is a level higher. */
export function parentOf<T extends TreeCall>(nodes: readonly TreeNode<T>[], place: number): TreeNode<T> | undefined {
  const depth = nodes[place]?.depth ?? 0;
  for (let at = place - 1; at >= 0 && depth > 0; at -= 1) {
    const node = nodes[at];
    if (node?.depth === depth - 1) return node;
  }
  return undefined;
}

/** The calls of the same op anywhere in the trace, by their start. Lists nothing: a step through 30,000 calls asks it each time. */
export function peersOf<T extends TreeCall & { op_name: string }>(calls: readonly T[], id: string): Neighbours {
  const name = calls.find((call) => call.id === id)?.op_name;
  const found: Neighbours = { count: 0, at: -1, before: undefined, after: undefined };
  for (const call of calls) {
    if (call.op_name !== name) continue;
    if (call.id === id) found.at = found.count;
    else if (found.at < 0) found.before = call.id;
    else found.after ??= call.id;
    found.count += 1;
  }
  return found;
}

/** The neighbour a step away; none beyond the ends. */
export const stepTo = ({ before, after }: Neighbours, step: 1 | -1): string | undefined => (step === 1 ? after : before);
