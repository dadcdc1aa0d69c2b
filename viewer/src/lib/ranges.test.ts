import { expect, test } from "vitest";

import { boundsOf, withEdge } from "./ranges";

const axis = (id: string) => ({ id, name: id, low: 0, high: 10, format: String });
const AXES = [axis("x"), axis("y")];

test("an edge moves, and never past the other", () => {
  expect(withEdge(AXES, {}, "x", "from", 3, false)).toEqual({ x: [3, 10] });
  expect(withEdge(AXES, { x: [3, 5] }, "x", "from", 8, false)).toEqual({ x: [5, 5] });
  expect(withEdge(AXES, { x: [3, 5] }, "x", "to", 1, false)).toEqual({ x: [3, 3] });
});

test("a rectangle has both of its sides", () => {
  expect(withEdge(AXES, {}, "y", "to", 4, true)).toEqual({ x: [0, 10], y: [0, 4] });
});

test("a range of everything is none", () => {
  expect(withEdge(AXES, { x: [3, 10] }, "x", "from", 0, false)).toEqual({});
});

test("bounds leave out what is not known", () => {
  expect(boundsOf([null, 3, 1, null])).toEqual([1, 3]);
});
