import { expect, test } from "vitest";

import { csvOf } from "./csv";

test("what has commas, quotes or line ends is quoted, and null is empty", () => {
  expect(csvOf(["a", "b"], [["x,y", 'say "hi"'], [null, "two\nlines"], [1.5, true]])).toBe('a,b\r\n"x,y","say ""hi"""\r\n,"two\nlines"\r\n1.5,true\r\n');
});
