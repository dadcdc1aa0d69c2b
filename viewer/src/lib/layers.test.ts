import { expect, test } from "vitest";

import { layered } from "./layers";

const node = (id: string) => ({ id });

test("each node is right of all that lead to it, and no two are in one place", () => {
  const edges = [["op", "model"], ["data", "evaluation"], ["scorer", "evaluation"], ["model", "run"], ["evaluation", "run"], ["evaluation", "run2"]].map(([source = "", target = ""]) => ({ source, target }));
  const placed = layered([...new Set(edges.flatMap(({ source, target }) => [source, target]))].map(node), edges);
  const of = new Map(placed.map((each) => [each.id, each]));
  for (const { source, target } of edges) expect(of.get(source)?.layer).toBeLessThan(of.get(target)?.layer ?? 0);
  expect(new Set(placed.map(({ layer, row }) => `${layer} ${row}`)).size).toBe(placed.length);
});

test("a circle ends", () => {
  expect(layered(["a", "b"].map(node), [{ source: "a", target: "b" }, { source: "b", target: "a" }])).toHaveLength(2);
});
