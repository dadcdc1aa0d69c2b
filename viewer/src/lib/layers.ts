export interface Node {
  id: string;
}

export interface Edge {
  source: string;
  target: string;
}

export interface Placed {
  id: string;
  layer: number;
  row: number;
}

/** Puts nodes into layers from left to right, each right of all that lead to it, and orders layers so that few lines cross. */
export function layered(nodes: readonly Node[], edges: readonly Edge[]): Placed[] {
  const layers = layersOf(nodes, edges);
  const rows = new Map<string, number>();
  const columns: string[][] = Array.from({ length: Math.max(0, ...layers.values()) + 1 }, () => []);
  for (const { id } of nodes) columns[layers.get(id) ?? 0]?.push(id);
  const number = (column: readonly string[]) => { column.forEach((id, i) => rows.set(id, i - (column.length - 1) / 2)); };
  columns.forEach(number);
  const near = new Map<string, string[]>();
  for (const { source, target } of edges) {
    near.set(source, [...(near.get(source) ?? []), target]);
    near.set(target, [...(near.get(target) ?? []), source]);
  }
  const middle = (id: string) => {
    const at = (near.get(id) ?? []).map((other) => rows.get(other) ?? 0);
    return at.length === 0 ? (rows.get(id) ?? 0) : at.reduce((sum, row) => sum + row, 0) / at.length;
  };
  for (let pass = 0; pass < 4; pass += 1) {
    for (const column of pass % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((id) => [id, middle(id)]));
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      number(column);
    }
  }
  return nodes.map(({ id }) => ({ id, layer: layers.get(id) ?? 0, row: rows.get(id) ?? 0 }));
}

/** The longest way to each node; a circle, which should not be, ends after as many steps as there are nodes. */
function layersOf(nodes: readonly Node[], edges: readonly Edge[]): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]));
  for (let step = 0; step < nodes.length; step += 1) {
    let isDone = true;
    for (const { source, target } of edges) {
      const least = Math.min((layers.get(source) ?? 0) + 1, nodes.length - 1);
      if ((layers.get(target) ?? 0) < least) { layers.set(target, least); isDone = false; }
    }
    if (isDone) break;
  }
  return layers;
}
