import { describe, expect, it } from "vitest";

import { type DiffPart, piecesDiff, wordDiff } from "./word-diff";

const side = (parts: DiffPart[], without: DiffPart["kind"]) =>
  parts.filter((part) => part.kind !== without).map((part) => part.text).join("");
const changed = (parts: DiffPart[]) => parts.filter((part) => part.kind !== "same").map((part) => `${part.kind}:${part.text}`);

describe("a word diff", () => {
  it("marks the words that changed and only those", () => {
    expect(changed(wordDiff("Yes, after 30 days.", "Yes, after 90 days."))).toEqual(["removed:30", "added:90"]);
  });

  it("keeps a rewritten passage in one piece", () => {
    expect(changed(wordDiff("Say: I have refunded it.", "Say: they are both right."))).toEqual(["removed:I have refunded it", "added:they are both right"]);
  });

  it("has one part where nothing changed, and none for nothing", () => {
    expect(wordDiff("same", "same")).toEqual([{ kind: "same", text: "same" }]);
    expect(wordDiff("", "")).toEqual([]);
    expect(wordDiff("", "new")).toEqual([{ kind: "added", text: "new" }]);
  });

  it.each([
    ["a b c d", "b d e"],
    ["Unter Konto → Rechnungen.", "You can find it under Account → Invoices."],
    ["line one\nline two\n", "line two\n\nline three"],
    ["日本語 text", "日本 text!"],
  ])("joins back to both texts: %j, %j", (before, after) => {
    const parts = wordDiff(before, after);
    expect(side(parts, "added")).toBe(before);
    expect(side(parts, "removed")).toBe(after);
  });

  it("cuts nothing of texts of 40,000 words", () => {
    const text = (seed: number) => Array.from({ length: 40_000 }, (_, i) => (i % 97 === seed ? `x${seed}` : `w${i}`)).join(" ");
    const parts = wordDiff(text(3), text(5));
    expect(side(parts, "added")).toBe(text(3));
    expect(side(parts, "removed")).toBe(text(5));
  });

  it("compares long texts by lines, and the lines that differ by words", () => {
    const text = (changed: string) => Array.from({ length: 20_000 }, (_, i) => (i === 9_000 ? `line ${changed} of many` : `line ${i} of many`)).join("\n");
    const parts = wordDiff(text("old"), text("new"));
    expect(parts.filter((part) => part.kind !== "same").map((part) => part.text)).toEqual(["old", "new"]);
    expect([side(parts, "added"), side(parts, "removed")]).toEqual([text("old"), text("new")]);
  });

  it("finds the few words that changed in a long text that says the same again and again", () => {
    const said = "A paragraph of words that goes on. ".repeat(20_000);
    const parts = wordDiff(said, said.replace("words", "Words").slice(0, -4) + "off.");
    expect(parts.filter((part) => part.kind !== "same").map((part) => part.text)).toEqual(["words", "Words", "on. ", "off."]);
  });

  it("is the shortest way, and joins back to both texts, where the table is too large", () => {
    const before = Array.from({ length: 3_000 }, (_, i) => `w${i % 7}`);
    for (const [at, much, put] of [[10, 3, ["x", "y"]], [1_500, 1, []], [2_900, 0, ["z"]], [0, 5, ["w0"]]] as [number, number, string[]][]) {
      const after = [...before];
      after.splice(at, much, ...put);
      const parts = piecesDiff(before, after);
      expect([side(parts, "added"), side(parts, "removed")]).toEqual([before.join(""), after.join("")]);
      expect(parts.filter((part) => part.kind !== "same").reduce((sum, part) => sum + part.text.length, 0)).toBeLessThanOrEqual([...before.slice(at, at + much), ...put].join("").length);
    }
  });

  it("cuts nothing of a text of five million letters without a line", () => {
    const [before, after] = ["start " + "a ".repeat(1_000_000) + "end", "start " + "b".repeat(2_900_000) + " end"];
    const parts = wordDiff(before, after);
    expect(parts.map((part) => part.kind)).toEqual(["same", "removed", "added", "same"]);
    expect([side(parts, "added") === before, side(parts, "removed") === after]).toEqual([true, true]);
  });

  it("tears no word and no letter of what is too long to be compared by words", () => {
    const middle = "m ".repeat(1_200_000);
    const parts = wordDiff(`a word 😀 ${middle}rest`, `a world 😁 ${middle}pest`);
    expect(parts[0]).toEqual({ kind: "same", text: "a " });
    expect(parts.filter((part) => part.kind === "removed").map((part) => part.text.slice(0, 8))).toEqual(["word 😀 "]);
  });

  it("cuts nothing of long texts that share no word", () => {
    const [before, after] = ["a ".repeat(5_000), "b\t".repeat(5_000)];
    const parts = wordDiff(before, after);
    expect(side(parts, "added")).toBe(before);
    expect(side(parts, "removed")).toBe(after);
  });
});
