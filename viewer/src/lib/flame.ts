import type { TreeCall, TreeNode } from "./tree";

export interface FlameBox<T extends TreeCall> {
  node: TreeNode<T>;
  /** The line it is drawn in: below its parent, and below calls that run at the same time. */
  row: number;
  start: number;
  end: number;
}

/** More calls than this at once may cover each other: no screen has room for them. */
const MOST_AT_ONCE = 200;

/** Where each call stands in a flame graph, so that no two boxes cover each other. */
export function flameBoxes<T extends TreeCall>(roots: readonly TreeNode<T>[], nowUs: number): FlameBox<T>[] {
  const endOf = (node: TreeNode<T>) => node.call.end_us ?? nowUs;
  const order: TreeNode<T>[] = [...roots];
  for (let at = 0; at < order.length; at += 1) for (const child of order[at]?.children ?? []) order.push(child);
  const tops = new Map<TreeNode<T>, number>();
  const heights = new Map<TreeNode<T>, number>();
  for (const node of order.reverse()) heights.set(node, 1 + stack(node.children, heights, tops, endOf));
  stack(roots, heights, tops, endOf);
  const rows = new Map<TreeNode<T>, number>();
  return order.reverse().map((node) => {
    const own = (rows.get(node) ?? tops.get(node)) ?? 0;
    for (const child of node.children) rows.set(child, own + 1 + (tops.get(child) ?? 0));
    return { node, row: own, start: node.call.start_us, end: endOf(node) };
  });
}

/** Puts calls below each other where they run at the same time, each with all below it; returns how high they are together. */
function stack<T extends TreeCall>(nodes: readonly TreeNode<T>[], heights: Map<TreeNode<T>, number>, tops: Map<TreeNode<T>, number>, endOf: (node: TreeNode<T>) => number): number {
  let running: { top: number; bottom: number; end: number }[] = [];
  let all = 0;
  for (const node of nodes) {
    running = running.filter((each) => each.end > node.call.start_us).slice(-MOST_AT_ONCE);
    const height = heights.get(node) ?? 1;
    let top = 0;
    for (const each of running) {
      if (each.top >= top + height) break;
      top = Math.max(top, each.bottom);
    }
    tops.set(node, top);
    const place = running.findIndex((each) => each.top > top);
    running.splice(place < 0 ? running.length : place, 0, { top, bottom: top + height, end: endOf(node) });
    all = Math.max(all, top + height);
  }
  return all;
}

export interface DrawnBox<T extends TreeCall> {
  box: FlameBox<T>;
  left: number;
  width: number;
  /** How many calls this box stands for: neighbours too narrow to be seen are drawn as one. */
  count: number;
}

const NARROW = 3;

/** The boxes of some rows that a window of time of `width` pixels shows; `boxes` are by row and start. */
export function drawnBoxes<T extends TreeCall>(boxes: readonly FlameBox<T>[], from: number, total: number, width: number): DrawnBox<T>[] {
  const drawn: DrawnBox<T>[] = [];
  const scale = width / total;
  for (const box of boxes) {
    if (box.end < from || box.start > from + total) continue;
    const left = Math.max((box.start - from) * scale, 0);
    const size = Math.min((box.end - from) * scale, width) - left;
    const last = drawn.at(-1);
    if (size < NARROW && last !== undefined && last.box.row === box.row && last.width < NARROW * 4 && left < last.left + last.width + 1 && (last.count > 1 || last.width <= NARROW)) {
      last.width = Math.max(last.width, left + size - last.left);
      last.count += 1;
      if (box.end - box.start > last.box.end - last.box.start) last.box = box;
    } else drawn.push({ box, left, width: Math.max(size, 1.5), count: 1 });
  }
  return drawn;
}
