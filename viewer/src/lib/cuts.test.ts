import { expect, test } from "vitest";

import { cutsByPath, isCutIn } from "./cuts";

const cut = (...path: string[]) => ({ path, kind: "text", total: 9, next: 3 });

test("a cut is found by its path and no other, also one that came with a part", () => {
  const cuts = cutsByPath([cut("output", "a.b")]);
  expect(cuts.at(["output", "a.b"])?.total).toBe(9);
  expect(cuts.at(["output", "a", "b"])).toBeUndefined();
  cuts.note([cut("output", "7", "text")]);
  expect(cuts.at(["output", "7", "text"])).toBeDefined();
});

test("a value is cut when something in it is", () => {
  expect(isCutIn([cut("inputs", "messages", "0")], ["inputs"])).toBe(true);
  expect(isCutIn([cut("inputs", "messages", "0")], ["output"])).toBe(false);
});
