import { describe, expect, it } from "vitest";

import { applied, complete } from "./completion";
import { chosenValues, quote, setTerm, termsOf, toggleValue, unquote, windowOf, writeMoment } from "./search-terms";

describe("terms of a search", () => {
  it("stand where they stand", () => {
    const text = 'op:answer  -status:error,running "free text" word a\\:b:c';
    expect(termsOf(text).map(({ key, isNegated, values, start, end }) => [key, isNegated, values, text.slice(start, end)])).toEqual([
      ["op", false, ["answer"], "op:answer"], ["status", true, ["error", "running"], "-status:error,running"],
      ["", false, ["free text"], '"free text"'], ["", false, ["word"], "word"], ["a\\:b", false, ["c"], "a\\:b:c"],
    ]);
  });

  it("are read while they are typed", () => {
    expect(termsOf('op: model:"gpt').map(({ key, values }) => [key, values])).toEqual([["op", []], ["model", ["gpt"]]]);
  });

  it("quote what would be read as something else", () => {
    for (const value of ["a b", 'say "x"', "a,b", "", ">1", "1..2", "a*", "back\\slash x"]) expect(unquote(quote(value))).toBe(value);
    expect(quote("gpt-4o")).toBe("gpt-4o");
  });

  it("take a value in and out, and keep the rest as it is written", () => {
    expect(toggleValue("", "op", "my op")).toBe('op:"my op"');
    expect(toggleValue("a op:x* b", "op", "y")).toBe("a op:x*,y b");
    expect(toggleValue("a op:x*,y b", "op", "y")).toBe("a op:x* b");
    expect(toggleValue("a op:y b", "op", "y")).toBe("a b");
    expect(toggleValue("-op:y", "op", "y")).toBe("op:y");
    expect(toggleValue("op:x,y", "op", "y", true)).toBe("op:x -op:y");
    expect(chosenValues("op:x,y -op_name:z", "op")).toEqual({ wanted: new Set(["x", "y"]), unwanted: new Set(["z"]) });
  });

  it("set the one term of a key", () => {
    expect(setTerm("a started:-1h b started:-2h", "started", "x..y")).toBe("a started:x..y b");
    expect(setTerm("a started:-1h b", "started", "")).toBe("a b");
    expect(setTerm("", "started", "-1h")).toBe("started:-1h");
  });

  it("tell a window of time that is written out", () => {
    expect(windowOf("x started:2026-01-01T10:00:00Z..2026-01-01T11:00:00.500Z")).toEqual({ from: 1_767_261_600_000_000, to: 1_767_265_200_500_000 });
    expect(windowOf("started:-1h")).toBeNull();
    expect(writeMoment(1_767_261_600_000_000)).toBe("2026-01-01T10:00:00Z");
  });
});

describe("completion", () => {
  const known = { op: [{ value: "answer", hint: "3" }, { value: "my answer", hint: "1" }], "scores.exact": [{ value: "true", hint: "2" }] };
  const labels = (text: string, caret = text.length) => complete(text, caret, known).map((each) => each.label);

  it("suggests keys, known scores among them, then values", () => {
    expect(labels("")).toContain("scores.exact:");
    expect(labels("lat")).toEqual(["latency:"]);
    expect(labels("-o")[0]).toBe("op:");
    expect(labels("op:")).toEqual(["answer", "my answer"]);
    expect(labels("op:answer,my")).toEqual(["my answer"]);
    expect(labels("latency:")[0]).toBe(">1s");
    expect(labels("nothing:")).toEqual([]);
  });

  it("puts what is chosen in the place of what was typed", () => {
    const [first] = complete("x op:an y", 7, known);
    expect(first && applied("x op:an y", first)).toEqual({ text: "x op:answer y", caret: 11 });
    const [last] = complete("op:my", 5, known);
    expect(last && applied("op:my", last)).toEqual({ text: 'op:"my answer" ', caret: 15 });
    const [key] = complete("-sta", 4, known);
    expect(key && applied("-sta", key).text).toBe("-status:");
  });
});
