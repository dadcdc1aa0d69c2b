import { describe, expect, it } from "vitest";

import { drawnBoxes, flameBoxes } from "./flame";
import { buildForest } from "./tree";

const call = (id: string, parent: string | null, start_us: number, end_us: number) => ({ id, span_id: id, parent_span_id: parent, start_us, end_us });

describe("a flame graph", () => {
  it("never lets two boxes cover each other, however calls overlap", () => {
    let seed = 7;
    const random = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
    const calls = [call("0", null, 0, 1_000)];
    for (let i = 1; i < 300; i += 1) {
      const parent = calls[random(calls.length)] ?? call("0", null, 0, 1_000);
      const start = parent.start_us + random(Math.max(parent.end_us - parent.start_us, 1));
      calls.push(call(String(i), parent.id, start, start + 1 + random(Math.max(parent.end_us - start, 1))));
    }
    const boxes = flameBoxes(buildForest(calls), 0);
    expect(boxes.length).toBe(300);
    for (const a of boxes) for (const b of boxes) {
      if (a !== b && a.row === b.row) expect(a.end <= b.start || b.end <= a.start, `${a.node.call.id} and ${b.node.call.id}`).toBe(true);
    }
    const rows = new Map(boxes.map((box) => [box.node.call.id, box.row]));
    for (const each of calls) if (each.parent_span_id !== null) expect(rows.get(each.id)).toBeGreaterThan(rows.get(each.parent_span_id) ?? 0);
  });

  it("draws neighbours that are too narrow as one box that counts them", () => {
    const calls = [call("root", null, 0, 10_000), ...Array.from({ length: 10_000 }, (_, i) => call(`c${i}`, "root", i, i + 1))];
    const boxes = flameBoxes(buildForest(calls), 0);
    const drawn = drawnBoxes(boxes.filter((box) => box.row === 1), 0, 10_000, 500);
    expect(drawn.length).toBeLessThan(200);
    expect(drawn.reduce((sum, each) => sum + each.count, 0)).toBe(10_000);
    expect(drawnBoxes(boxes.filter((box) => box.row === 1), 100, 10, 500).every((each) => each.count === 1)).toBe(true);
  });
});
