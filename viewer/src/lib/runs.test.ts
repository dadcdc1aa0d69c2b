import { describe, expect, it } from "vitest";

import { commitOf, filterRuns, progressOf, sortRuns } from "./runs";

const run = (name: string, value: number | null, rest: object = {}) => ({
  name, evaluation: "quality", model: "bot", dataset: "tickets", status: "success", start_us: 0, end_us: 10, rows: 5, total: 10, git: null, metrics: [{ name: "correct", scorer: "correct", value }], ...rest,
});

describe("runs", () => {
  it("say how fast they go and how long it takes, while they run", () => {
    expect(progressOf({ ...run("a", 1), status: "running" }, 10_000_000)).toEqual({ rate: 0.5, left: 10_000_000 });
    expect(progressOf(run("a", 1), 10_000_000)).toEqual({ rate: null, left: null });
  });
  it("are found by every word of what names them", () => {
    const runs = [run("plain", 1), run("better", 0, { git: { commit: "4c1e3f2aaaa", dirty: "x" } })];
    expect(filterRuns(runs, { q: "BOT 4c1e" }).map((each) => each.name)).toEqual(["better"]);
    expect(filterRuns(runs, { dataset: "other" })).toEqual([]);
    expect(commitOf(runs[1] ?? run("", 0))).toBe("4c1e3f2 dirty");
  });
  it("are sorted by columns and metrics, those without a value last", () => {
    const runs = [run("a", 0.2), run("b", null), run("c", 0.9)];
    expect(sortRuns(runs, "-correct").map((each) => each.name)).toEqual(["c", "a", "b"]);
    expect(sortRuns(runs, "correct").map((each) => each.name)).toEqual(["a", "c", "b"]);
    expect(sortRuns(runs, "-run").map((each) => each.name)).toEqual(["c", "b", "a"]);
  });
});
