import { expect, it } from "vitest";

import { fieldOf, valueOf } from "./annotation";

it("a schema of few values is pressed, any other is typed", () => {
  expect(fieldOf({ enum: ["right", "wrong"] })).toEqual({ kind: "options", options: ["right", "wrong"] });
  expect(fieldOf({ type: "boolean" })).toEqual({ kind: "options", options: [true, false] });
  expect(fieldOf({ type: "integer", minimum: 1, maximum: 3 })).toEqual({ kind: "options", options: [1, 2, 3] });
  expect(fieldOf({ anyOf: [{ type: "number" }, { type: "null" }] }).kind).toBe("number");
  expect(fieldOf({ type: "object" }).kind).toBe("json");
});

it("what was typed is a value of its field, or none", () => {
  const field = fieldOf({ type: "integer", minimum: 0, maximum: 100 });
  expect(["7", "101", "1.5", "x", ""].map((typed) => valueOf(field, typed))).toEqual([7, undefined, undefined, undefined, undefined]);
  expect(valueOf({ kind: "text", most: null }, "12")).toBe("12");
});
