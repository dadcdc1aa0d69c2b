import { expect, test } from "vitest";

import { csvOf, parseTable } from "./csv";

test("what has commas, quotes or line ends is quoted, and null is empty", () => {
  expect(csvOf(["a", "b"], [["x,y", 'say "hi"'], [null, "two\nlines"], [1.5, true]])).toBe('a,b\r\n"x,y","say ""hi"""\r\n,"two\nlines"\r\n1.5,true\r\n');
});

test("what was written as CSV is read again, and what a spreadsheet copies too", () => {
  const rows = [["a", 'say "hi", you'], ["two\nlines", "ä"]];
  expect(parseTable(csvOf(["x", "y"], rows))).toEqual([["x", "y"], ...rows]);
  expect(parseTable("a\tb, c\n\n1\t2\n")).toEqual([["a", "b, c"], ["1", "2"]]);
});
