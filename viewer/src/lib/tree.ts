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

/**
 * Headers may come in any order, children before parents. A call whose parent is unknown becomes a root;
 * so does one call of a parent cycle, since nothing may be lost from view.
 */
export function buildForest<T extends TreeCall>(calls: readonly T[]): TreeNode<T>[] {
  const nodes = new Map<string, TreeNode<T>>();
  for (const call of calls) nodes.set(call.span_id, { call, depth: 0, children: [], below: 0 });
  const roots: TreeNode<T>[] = [];
  for (const node of nodes.values()) {
    const parent = node.call.parent_span_id === null ? undefined : nodes.get(node.call.parent_span_id);
    (parent === undefined || parent === node ? roots : parent.children).push(node);
  }
  const seen = new Set<TreeNode<T>>();
  roots.forEach((root) => { settle(root, seen); });
  for (const node of nodes.values()) {
    if (seen.has(node)) continue;
    const parent = nodes.get(node.call.parent_span_id ?? "");
    if (parent) parent.children = parent.children.filter((child) => child !== node);
    roots.push(node);
    settle(node, seen);
  }
  return roots.sort(byStart);
}

const byStart = (a: { call: TreeCall }, b: { call: TreeCall }) =>
  a.call.start_us - b.call.start_us || (a.call.id < b.call.id ? -1 : 1);

/** Sorts children, sets depths and counts. With a stack of its own: a chain of 30,000 calls would overflow recursion. */
function settle<T extends TreeCall>(root: TreeNode<T>, seen: Set<TreeNode<T>>) {
  const order: TreeNode<T>[] = [root];
  seen.add(root);
  for (let at = 0; at < order.length; at += 1) {
    const node = order[at];
    if (node === undefined) continue;
    node.children = node.children.filter((child) => !seen.has(child)).sort(byStart);
    for (const child of node.children) {
      child.depth = node.depth + 1;
      seen.add(child);
      order.push(child);
    }
  }
  for (const node of order.reverse()) {
    node.below = node.children.reduce((sum, child) => sum + child.below + 1, 0);
  }
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
