import { describe, expect, it } from "vitest";

import { countGroups, entriesOf, groupsOf, meansOf, type Outlined, sortedEntries } from "./outline";

const row = (digest: string, trial: number, twin = 0) => ({ digest, twin, index: null, trial, group: "unchanged" as const });
const outline: Outlined = {
  rows: [row("a", 0), row("a", 1), row("b", 0), row("c", 0), row("c", 0, 1)],
  calls: [["1", "2", "3", "4", "5"], ["6", "7", "8", null, "0"]],
  failed: [[false, false, false, false, false], [false, true, false, false, true]],
  measures: [
    { name: "right", scorer: "right", higher_is_better: true, values: [[0, 1, 1, 1, 1], [1, null, 0, null, null]] },
    { name: "latency", scorer: null, higher_is_better: false, values: [[2, 2, 2, 2, 2], [3, null, 1, null, null]] },
  ],
};
const entries = entriesOf(outline);
const [right, latency] = outline.measures;

describe("rows of a comparison", () => {
  it("have their trials together, and their twins apart", () => {
    expect(entries.map((entry) => entry.places)).toEqual([[0, 1], [2], [3], [4]]);
  });
  it("move by the mean over their trials, the better way of the metric", () => {
    expect(groupsOf(outline, entries, { measure: right, run: 1 }, meansOf(entries))).toEqual(["improved", "regressed", "not_comparable", "not_comparable"]);
    expect(groupsOf(outline, entries, { measure: latency, run: 1 }, meansOf(entries))).toEqual(["regressed", "improved", "not_comparable", "not_comparable"]);
  });
  it("are in the server's groups when nothing is in focus", () => {
    expect(countGroups(sortedEntries(outline, entries, { measure: undefined, run: undefined }, true)).unchanged).toBe(4);
  });
  it("come by group, the largest change first", () => {
    expect(sortedEntries(outline, entries, { measure: right, run: 1 }, false).map(({ entry }) => entry.key)).toEqual(["b 0", "a 0", "c 0", "c 1"]);
  });
});
