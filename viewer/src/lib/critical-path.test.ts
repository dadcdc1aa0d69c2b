import { expect, it } from "vitest";

import { criticalPath, heaviest } from "./critical-path";
import { buildForest } from "./tree";

const call = (id: string, parent: string | null, start_us: number, end_us: number) => ({ id, span_id: id, parent_span_id: parent, start_us, end_us });

it("the path leaves out what ran beside it, and adds up to the latency", () => {
  const [root] = buildForest([call("root", null, 0, 100), call("first", "root", 10, 40), call("beside", "root", 12, 30), call("last", "root", 50, 90)]);
  const steps = root ? criticalPath(root) : [];
  expect(Object.fromEntries(steps.map((step) => [step.call.id, step.selfUs]))).toEqual({ root: 30, first: 30, last: 40 });
  expect(steps.reduce((sum, step) => sum + step.selfUs, 0)).toBe(100);
  expect(heaviest(steps, (each) => each.id, 1)).toEqual([{ name: "last", us: 40, calls: 1 }]);
});
