import type { TreeCall, TreeNode } from "./tree";

export interface PathStep<T> {
  call: T;
  /** How long nothing but this call kept the trace waiting. */
  selfUs: number;
  /** From when until when the trace waited for this call or one below it. */
  from: number;
  until: number;
}

/**
 * Which calls the trace waited for: from the end backwards, always the child that ended last, so that calls that ran
 * beside it do not count. The shares of one trace add up to its latency.
 */
export function criticalPath<T extends TreeCall>(root: TreeNode<T>): PathStep<T>[] {
  const steps: PathStep<T>[] = [];
  const stack: { node: TreeNode<T>; until: number }[] = [{ node: root, until: root.call.end_us ?? root.call.start_us }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    let until = top.until;
    let selfUs = 0;
    const { children } = top.node;
    const ended = children.length === 0 ? children : children.filter((child) => child.call.end_us !== null).sort((a, b) => (b.call.end_us ?? 0) - (a.call.end_us ?? 0));
    for (const child of ended) {
      const end = Math.min(child.call.end_us ?? 0, until);
      if (child.call.start_us >= until || end <= child.call.start_us) continue;
      selfUs += until - end;
      stack.push({ node: child, until: end });
      until = Math.max(child.call.start_us, top.node.call.start_us);
    }
    selfUs += Math.max(until - top.node.call.start_us, 0);
    steps.push({ call: top.node.call, selfUs, from: top.node.call.start_us, until: top.until });
  }
  return steps;
}

/** The names that take the most of the path, with how many calls share the time. */
export function heaviest<T>(steps: readonly PathStep<T>[], nameOf: (call: T) => string, most = 3): { name: string; us: number; calls: number }[] {
  const sums = new Map<string, { name: string; us: number; calls: number }>();
  for (const step of steps) {
    const name = nameOf(step.call);
    const sum = sums.get(name) ?? { name, us: 0, calls: 0 };
    sums.set(name, { name, us: sum.us + step.selfUs, calls: sum.calls + 1 });
  }
  return [...sums.values()].filter((sum) => sum.us > 0).sort((a, b) => b.us - a.us).slice(0, most);
}
