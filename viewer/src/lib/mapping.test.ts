import { expect, test } from "vitest";

import { columnOf, columnsFor, faultOf, proposed, sourcesOf } from "./mapping";

const HELD = ["inputs.question", "inputs.self", "inputs.user.name", "output.text", "scores.exact.ok", "attributes.env"];

test("fields are offered with what is above them, by where they are", () => {
  const offered = Object.fromEntries(sourcesOf(HELD).map(({ label, names }) => [label, names]));
  expect(offered["Inputs"]).toEqual(["inputs", "inputs.question", "inputs.self", "inputs.user", "inputs.user.name"]);
  expect(offered["Output"]).toEqual(["output", "output.text"]);
  expect(offered["Scores"]).toEqual(["scores.exact", "scores.exact.ok"]);
  expect(sourcesOf(["output"])[1]).toEqual({ label: "Output", names: ["output"] });
});

test("a new dataset is proposed all inputs and the output as the right answer", () => {
  expect(proposed(sourcesOf(HELD), null)).toEqual([{ column: "question", source: "inputs.question" }, { column: "user", source: "inputs.user" }, { column: "expected", source: "output" }]);
});

test("columns of a dataset get the field of their name, the right answer gets the output, others nothing", () => {
  const mapped = proposed(sourcesOf(HELD), ["question", "text", "expected", "colour"]);
  expect(columnsFor(mapped)).toEqual({ question: "inputs.question", text: "output.text", expected: "output" });
});

test("a dot in a key does not divide it", () => {
  expect(columnOf("inputs.a\\.b")).toBe("a.b");
  expect(proposed(sourcesOf(["inputs.a\\.b"]), null)[0]).toEqual({ column: "a.b", source: "inputs.a\\.b" });
});

test("what cannot be a row is said", () => {
  const question = { column: "question", source: "inputs.question" };
  expect(faultOf([{ ...question, source: "" }], "call")).toMatch(/at least one/);
  expect(faultOf([question, { column: " ", source: "output" }], null)).toMatch(/no name/);
  expect(faultOf([question], "question ")).toMatch(/Two columns/);
  expect(faultOf([question, { column: "question", source: "" }], "call")).toBeNull();
});
