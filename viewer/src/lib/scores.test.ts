import { expect, it } from "vitest";

import { scoreParts } from "./scores";

it("a score of several parts is one for each part", () => {
  expect(scoreParts({ exact: true, restraint: { kept: 1, added: false } })).toEqual([["exact", true], ["restraint.kept", 1], ["restraint.added", false]]);
  expect(scoreParts(null)).toEqual([]);
});
