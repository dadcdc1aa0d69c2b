import { describe, expect, it } from "vitest";

import { eventsOf } from "./event-strip";
import { isCallFound, markedParts } from "./find";
import { parentOf, peersOf, siblingsOf, stepTo } from "./neighbours";
import { buildForest, visibleRows } from "./tree";

const call = (id: string, parent: string | null, op_name: string, start_us: number) => ({ id, span_id: id, parent_span_id: parent, op_name, start_us, end_us: start_us + 5, kind: "tool", status: "success" });

describe("neighbours", () => {
  const calls = [call("root", null, "main", 0), call("a", "root", "find", 1), call("b", "root", "list", 2), call("c", "b", "find", 3)];
  const roots = buildForest(calls);
  const nodes = visibleRows(roots, new Set());

  it("siblings have one parent, peers one op, and there is none beyond the ends", () => {
    expect(siblingsOf(nodes, roots, "a")).toEqual({ count: 2, at: 0, before: undefined, after: "b" });
    expect(siblingsOf(nodes, roots, "c")).toEqual({ count: 1, at: 0, before: undefined, after: undefined });
    expect(siblingsOf(nodes, roots, "root").count).toBe(1);
    expect(peersOf(calls, "c")).toEqual({ count: 2, at: 1, before: "a", after: undefined });
    expect(peersOf(calls, "a")).toEqual({ count: 2, at: 0, before: undefined, after: "c" });
    expect(stepTo(peersOf(calls, "c"), -1)).toBe("a");
    expect(stepTo(peersOf(calls, "c"), 1)).toBeUndefined();
  });

  it("the parent is found in the order of the rows", () => {
    expect(nodes.map((_, place) => parentOf(nodes, place)?.call.id)).toEqual([undefined, "root", "root", "b"]);
  });
});

it("what was looked for is marked wherever it stands, in any case, and the text stays whole", () => {
  const parts = markedParts("Find the findings", "find");
  expect(parts.filter((part) => part.isFound).map((part) => part.text)).toEqual(["Find", "find"]);
  expect(parts.map((part) => part.text).join("")).toBe("Find the findings");
  expect(isCallFound({ display_name: null, op_name: "x", status: "error", error: "TimeoutError", model: null, kind: "op" }, " timeout")).toBe(true);
});

it("a thousand events at one place are few on the strip, and none is lost from its counts", () => {
  const calls = Array.from({ length: 1_000 }, (_, i) => call(String(i), null, "t", i));
  const events = eventsOf(calls, { start: 0, total: 1_004 }, 0);
  expect(events.length).toBeLessThan(300);
  expect(events.reduce((sum, event) => sum + event.count, 0)).toBe(1_000);
});
