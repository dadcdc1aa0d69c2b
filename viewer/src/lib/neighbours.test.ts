import { describe, expect, it } from "vitest";

import { eventsOf } from "./event-strip";
import { isCallFound, markedParts } from "./find";
import { peersOf, siblingsOf, stepTo } from "./neighbours";
import { buildForest, visibleRows } from "./tree";

const call = (id: string, parent: string | null, op_name: string, start_us: number) => ({ id, span_id: id, parent_span_id: parent, op_name, start_us, end_us: start_us + 5, kind: "tool", status: "success" });

describe("neighbours", () => {
  const calls = [call("root", null, "main", 0), call("a", "root", "find", 1), call("b", "root", "list", 2), call("c", "b", "find", 3)];
  const roots = buildForest(calls);
  const nodes = visibleRows(roots, new Set());

  it("siblings have one parent, peers one op, and there is none beyond the ends", () => {
    expect(siblingsOf(nodes, roots, "a")).toEqual({ ids: ["a", "b"], at: 0 });
    expect(peersOf(calls, "c")).toEqual({ ids: ["a", "c"], at: 1 });
    expect(stepTo(peersOf(calls, "c"), -1)).toBe("a");
    expect(stepTo(peersOf(calls, "c"), 1)).toBeUndefined();
    expect(siblingsOf(nodes, roots, "root").ids).toEqual(["root"]);
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
