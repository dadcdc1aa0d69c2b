import { expect, test } from "vitest";

import { hunksOf, lineDiff } from "./line-diff";

const BEFORE = Array.from({ length: 20 }, (_, i) => `line ${i}`).join("\n");
const AFTER = BEFORE.replace("line 10", "another").replace("line 3\n", "");

test("the lines of both sides join to both texts, with their numbers", () => {
  const lines = lineDiff(BEFORE, AFTER);
  expect(lines.filter((line) => line.kind !== "added").map((line) => line.text).join("\n")).toBe(BEFORE);
  expect(lines.filter((line) => line.kind !== "removed").map((line) => line.text).join("\n")).toBe(AFTER);
  expect(lines.find((line) => line.text === "another")).toMatchObject({ kind: "added", before: null, after: 10 });
});

test("lines that are far from a change are left out and counted", () => {
  const hunks = hunksOf(lineDiff(BEFORE, AFTER), 2);
  expect(hunks.map((hunk) => hunk.skipped)).toEqual([1, 2]);
  expect(hunksOf(lineDiff("a\nb", "a\nb"))).toEqual([]);
});
