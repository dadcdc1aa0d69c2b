import { describe, expect, it } from "vitest";

import { mainMetric, movedRows, sentences, shortName, toneOf } from "./verdict";

describe("better and worse", () => {
  it("follow the direction of the metric", () => {
    expect(toneOf(0.1, true)).toBe("better");
    expect(toneOf(0.1, false)).toBe("worse");
    expect(toneOf(-0.1, false)).toBe("better");
  });

  it("are not said where the direction is unknown or nothing moved", () => {
    expect([toneOf(0.1, null), toneOf(0, true), toneOf(null, true)]).toEqual(["neutral", "neutral", "neutral"]);
  });
});

describe("the answer in words", () => {
  const metric = { name: "exact_match.true_fraction", scorer: "exact_match", kind: "fraction" as const };

  it("speaks of each run against the baseline", () => {
    expect(sentences(["plain", "few-shot"], [{ ...metric, values: [0.51, 0.62], differences: [0, 0.11] }])).toEqual([
      "few-shot: exact_match 62.0 %, +11.0 pts against plain",
    ]);
    expect(sentences(["plain"], [{ ...metric, values: [0.51], differences: [0] }])).toEqual(["plain: exact_match 51.0 %"]);
  });

  it("prefers a score to a latency, and is silent without metrics", () => {
    expect(mainMetric([{ scorer: null }, { scorer: "judge" }])?.scorer).toBe("judge");
    expect(sentences(["a", "b"], [])).toEqual([]);
  });

  it("uses short names", () => {
    expect(["exact_match.true_fraction", "judge.mean", "model_latency (mean)", "model_tokens (mean)", "exact.correct"].map(shortName)).toEqual(["exact_match", "judge", "latency", "tokens", "exact.correct"]);
  });

  it("counts the rows that moved", () => {
    expect(movedRows({ improved: 21, regressed: 8, mixed: 0 })).toBe("21 rows improved, 8 regressed");
    expect(movedRows({ improved: 1, regressed: 0, mixed: 2 })).toBe("1 row improved, 0 regressed, 2 mixed");
  });
});
