import { describe, expect, it } from "vitest";

import { holdBack, mergeNewest, needsMore } from "./live-rows";

const row = (at: number, status = "success") => ({ id: `id${at}`, start_us: at, status });
const ats = (rows: readonly { start_us: number }[]) => rows.map((each) => each.start_us);
const running = (each: { status: string }) => each.status === "running";

describe("merging the newest rows", () => {
  it("puts new rows at the top and replaces known ones", () => {
    const merged = mergeNewest([row(3, "running"), row(2), row(1)], [row(5), row(4), row(3)], false);
    expect(ats(merged)).toEqual([5, 4, 3, 2, 1]);
    expect(merged[2]?.status).toBe("success");
  });

  it("drops what was deleted inside the page, and keeps what is older", () => {
    expect(ats(mergeNewest([row(4), row(3), row(2), row(1)], [row(4), row(2)], false))).toEqual([4, 2, 1]);
  });

  it("drops everything older when the page is the whole list", () => {
    expect(ats(mergeNewest([row(2), row(1)], [row(2)], true))).toEqual([2]);
    expect(mergeNewest([row(2), row(1)], [], true)).toEqual([]);
  });

  it("orders rows of the same start by id, as the pages are", () => {
    const [a, b] = [{ id: "a", start_us: 1 }, { id: "b", start_us: 1 }];
    expect(mergeNewest([a], [b], false).map((each) => each.id)).toEqual(["b", "a"]);
  });
});

describe("reading further pages", () => {
  it("goes on until the known rows are met", () => {
    expect(needsMore([row(2), row(1)], [row(9), row(8)], running)).toBe(true);
    expect(needsMore([row(2), row(1)], [row(3), row(2)], running)).toBe(false);
    expect(needsMore([], [row(3)], running)).toBe(false);
  });

  it("goes on while an older known row is running", () => {
    expect(needsMore([row(3), row(2), row(1, "running")], [row(3), row(2)], running)).toBe(true);
  });
});

describe("holding rows back", () => {
  it("keeps what is read in place and counts what came", () => {
    const held = holdBack([row(5), row(4), row(3)], row(3));
    expect(ats(held.shown)).toEqual([3]);
    expect(held.waiting).toBe(2);
  });

  it("holds nothing at the top, and nothing new", () => {
    expect(holdBack([row(5)], null).waiting).toBe(0);
    expect(holdBack([row(5), row(4)], row(5)).waiting).toBe(0);
  });

  it("still knows the place when the newest row read was deleted", () => {
    expect(holdBack([row(9), row(4), row(3)], row(5)).waiting).toBe(1);
  });
});
