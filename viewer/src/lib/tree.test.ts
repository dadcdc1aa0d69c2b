import { describe, expect, it } from "vitest";

import { buildForest, filterForest, timeBounds, type TreeCall, visibleRows } from "./tree";

const call = (id: string, parent: string | null, start = 0): TreeCall => ({
  id, span_id: id, parent_span_id: parent, start_us: start, end_us: start + 10,
});
const ids = (calls: TreeCall[], collapsed: string[] = []) =>
  visibleRows(buildForest(calls), new Set(collapsed)).map((row) => `${"-".repeat(row.depth)}${row.call.id}`);

describe("a forest of calls", () => {
  it("is the same when children come before their parents", () => {
    const calls = [call("leaf", "mid", 2), call("mid", "root", 1), call("root", null), call("last", "root", 3)];
    expect(ids(calls)).toEqual(["root", "-mid", "--leaf", "-last"]);
    expect(ids([...calls].reverse())).toEqual(ids(calls));
  });

  it("makes a root of a call whose parent is not there", () => {
    expect(ids([call("root", null, 1), call("orphan", "gone", 2)])).toEqual(["root", "orphan"]);
  });

  it("loses no call of a parent cycle", () => {
    expect(ids([call("a", "b"), call("b", "a"), call("self", "self")]).length).toBe(3);
  });

  it("counts what is below and hides it when collapsed", () => {
    const calls = [call("root", null), call("a", "root", 1), call("b", "a", 2)];
    expect(buildForest(calls)[0]?.below).toBe(2);
    expect(ids(calls, ["a"])).toEqual(["root", "-a"]);
  });

  it("keeps the calls above a match when filtered", () => {
    const forest = buildForest([call("root", null), call("a", "root", 1), call("b", "a", 2), call("c", "root", 3)]);
    const rows = visibleRows(filterForest(forest, (each) => each.id === "b"), new Set());
    expect(rows.map((row) => row.call.id)).toEqual(["root", "a", "b"]);
  });

  it.each([
    ["wide", (i: number) => (i === 0 ? null : "0")],
    ["deep", (i: number) => (i === 0 ? null : String(i - 1))],
  ])("takes 30,000 calls, %s", (_, parent) => {
    const calls = Array.from({ length: 30_000 }, (__, i) => call(String(i), parent(i), i)).reverse();
    const forest = buildForest(calls);
    expect(visibleRows(forest, new Set()).length).toBe(30_000);
    expect(filterForest(forest, (each) => each.id === "29999").length).toBe(1);
  });
});

describe("time bounds", () => {
  it("run from the first start to the last end, or to now while a call is open", () => {
    expect(timeBounds([call("a", null, 5), { ...call("b", null, 7), end_us: null }], 100)).toEqual({ start: 5, total: 95 });
    expect(timeBounds([], 100)).toEqual({ start: 0, total: 0 });
  });
});
