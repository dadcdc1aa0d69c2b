import { describe, expect, it } from "vitest";

import { aloneSentence, mainMetric, markOf, movedRows, sharedFirst, shortName } from "./verdict";

describe("verdicts", () => {
  it("have a sign and a word each, no two alike", () => {
    const marks = (["better", "worse", "different", "undecided", "unchanged", null] as const).map(markOf);
    expect(new Set(marks.map((mark) => mark.sign)).size).toBe(6);
    expect(new Set(marks.map((mark) => mark.word)).size).toBe(6);
  });

  it("are green and red only where something was decided", () => {
    expect(markOf("undecided").tone).toBe("open");
    expect([markOf("unchanged").tone, markOf(null).tone]).toEqual(["neutral", "neutral"]);
  });
});

describe("the answer in words", () => {
  const metric = { name: "exact_match.true_fraction", scorer: "exact_match", kind: "fraction" as const };

  it("gives the main figure of a run alone", () => {
    expect(aloneSentence("plain", [{ ...metric, values: [0.51] }])).toBe("plain: exact_match 51.0 %");
    expect(aloneSentence("plain", [])).toBe("plain");
  });

  it("prefers a score to a latency", () => {
    expect(mainMetric([{ scorer: null }, { scorer: "judge" }])?.scorer).toBe("judge");
  });

  it("uses short names", () => {
    expect(["exact_match.true_fraction", "judge.mean", "model_latency (mean)", "model_tokens (mean)", "exact.correct"].map(shortName)).toEqual(["exact_match", "judge", "latency", "tokens", "exact.correct"]);
  });

  it("counts the rows that moved", () => {
    expect(movedRows({ improved: 21, regressed: 8, mixed: 0 })).toBe("21 rows improved, 8 regressed");
    expect(movedRows({ improved: 1, regressed: 0, mixed: 2_000 })).toBe("1 row improved, 0 regressed, 2,000 mixed");
  });
});

describe("what is said of several runs", () => {
  it("is said once where it holds of all", () => {
    const remark = (run: number, text: string) => ({ run, text, level: "fair" });
    const said = sharedFirst([remark(1, "same dataset"), remark(1, "no errors"), remark(2, "same dataset")], 3);
    expect(said.map((each) => [each.remark.text, each.isShared])).toEqual([["same dataset", true], ["no errors", false]]);
  });
});
