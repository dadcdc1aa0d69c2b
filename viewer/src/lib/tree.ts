export interface TreeCall {
  id: string;
  span_id: string;
  parent_span_id: string | null;
  start_us: number;
  end_us: number | null;
}

export interface TreeNode<T extends TreeCall> {
  call: T;
  depth: number;
  children: TreeNode<T>[];
  /** How many calls are below it, at any depth. */
  below: number;
}

/** Is the depth of a node that was not reached from a root yet. */
const UNREACHED = -1;

/**
 * Headers may come in any order, children before parents. A call whose parent is unknown becomes a root;
 * so does one call of a parent cycle, since nothing may be lost from view.
 */
export function buildForest<T extends TreeCall>(calls: readonly T[]): TreeNode<T>[] {
  const nodes = new Map<string, TreeNode<T>>();
  for (const call of calls) nodes.set(call.span_id, { call, depth: UNREACHED, children: [], below: 0 });
  const roots: TreeNode<T>[] = [];
  const parentOf = ({ call }: TreeNode<T>) => (call.parent_span_id === null ? undefined : nodes.get(call.parent_span_id));
  for (const node of nodes.values()) {
    const parent = parentOf(node);
    (parent === undefined || parent === node ? roots : parent.children).push(node);
  }
  if (settle(roots) < nodes.size) {
    for (const node of nodes.values()) {
      if (node.depth !== UNREACHED) continue;
      const parent = parentOf(node);
      if (parent) parent.children = parent.children.filter((child) => child !== node);
      roots.push(node);
      settle([node]);
    }
  }
  return roots.sort(byStart);
}

const byStart = (a: { call: TreeCall }, b: { call: TreeCall }) =>
  a.call.start_us - b.call.start_us || (a.call.id < b.call.id ? -1 : 1);

/** Sorts children, sets depths and counts; returns how many calls it met. With a stack of its own: a chain of 30,000 calls would overflow recursion. */
function settle<T extends TreeCall>(roots: readonly TreeNode<T>[]): number {
  const order = [...roots];
  for (const root of roots) root.depth = 0;
  for (let at = 0; at < order.length; at += 1) {
    const node = order[at];
    if (node === undefined) continue;
    if (node.children.length > 1) node.children.sort(byStart);
    for (const child of node.children) {
      child.depth = node.depth + 1;
      order.push(child);
    }
  }
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const node = order[at];
    if (node !== undefined) for (const child of node.children) node.below += child.below + 1;
  }
  return order.length;
}

/** The rows to draw: depth first, without what is below a collapsed call. */
export function visibleRows<T extends TreeCall>(roots: readonly TreeNode<T>[], collapsed: ReadonlySet<string>): TreeNode<T>[] {
  const rows: TreeNode<T>[] = [];
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    rows.push(node);
    if (collapsed.has(node.call.id)) continue;
    for (let i = node.children.length - 1; i >= 0; i -= 1) {
      const child = node.children[i];
      if (child) stack.push(child);
    }
  }
  return rows;
}

/** The forest with only the calls that match and those above them. */
export function filterForest<T extends TreeCall>(roots: readonly TreeNode<T>[], matches: (call: T) => boolean): TreeNode<T>[] {
  const kept = new Map<TreeNode<T>, TreeNode<T>>();
  for (const node of visibleRows(roots, new Set()).reverse()) {
    const children = node.children.flatMap((child) => kept.get(child) ?? []);
    if (children.length > 0 || matches(node.call)) kept.set(node, { ...node, children });
  }
  return roots.flatMap((root) => kept.get(root) ?? []);
}

export function timeBounds(calls: readonly TreeCall[], nowUs: number): { start: number; total: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const call of calls) {
    start = Math.min(start, call.start_us);
    end = Math.max(end, call.end_us ?? nowUs);
  }
  return calls.length === 0 ? { start: 0, total: 0 } : { start, total: Math.max(end - start, 1) };
}
