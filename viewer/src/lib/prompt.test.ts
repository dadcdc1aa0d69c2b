import { expect, test } from "vitest";

import { variablesOf } from "./prompt";

test("variables are found in texts and messages, each once, and braces are not", () => {
  expect(variablesOf("Say {what} in {language}, {what}, as {{json}}, {1} { x }")).toEqual(["what", "language"]);
  expect(variablesOf([{ role: "user", content: "{a}" }, { role: "user", content: [{ type: "text", text: "{b}" }] }])).toEqual(["a", "b"]);
});
