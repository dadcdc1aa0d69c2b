import { describe, expect, it } from "vitest";

import { formatBytes, formatCost, formatCount, formatDifference, formatDollars, formatMetric, formatPercent, formatSumTokens, formatTokens, plural } from "./number";

describe("numbers", () => {
  it("are short where they are large", () => {
    expect(formatTokens(8_236)).toBe("8,236");
    expect(formatTokens(523_400)).toBe("523 k");
    expect(formatTokens(999_900)).toBe("1.0 M");
    expect(formatTokens(null)).toBe("—");
    expect(formatBytes(12_300)).toBe("12.3 KB");
  });

  it("have commas between thousands, as Intl writes them", () => {
    const intl = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
    for (const n of [0, 7, 999, 999.5, 1_000, 12_345, 100_000, 1_234_567.5, 9_007_199_254_740_991, -4_321]) expect(formatCount(n)).toBe(intl.format(n));
  });

  it("say what is known of a cost", () => {
    const spent = { sum_tokens: 1_100, sum_cost: 0.00021, cost_partial: false, estimated: false };
    expect(formatCost(spent)).toBe("$0.00021");
    expect(formatCost({ ...spent, sum_cost: 1234.5, cost_partial: true })).toBe("≥ $1,234.50");
    expect(formatCost({ ...spent, sum_cost: 0.5, estimated: true })).toBe("~$0.5000");
    expect(formatCost({ ...spent, sum_cost: null })).toBe("");
    expect(formatSumTokens({ ...spent, estimated: true })).toBe("~1,100");
    expect(formatSumTokens({ ...spent, sum_tokens: null })).toBe("");
    expect(formatDollars(0)).toBe("$0.00");
    expect(formatMetric(0.0012, "dollars")).toBe("$0.0012");
  });

  it("never hide a small share", () => {
    expect(formatPercent(0, 10)).toBe("0 %");
    expect(formatPercent(1, 100_000)).toBe("< 0.1 %");
    expect(formatPercent(24, 1_000)).toBe("2.4 %");
    expect(formatPercent(0, 0)).toBe("0 %");
  });

  it("carry the unit of their metric", () => {
    expect(formatMetric(0.62, "fraction")).toBe("62.0 %");
    expect(formatMetric(0.412, "seconds")).toBe("412 ms");
    expect(formatMetric(0.00004, "seconds")).toBe("40 µs");
    expect(formatMetric(0.6742, "number")).toBe("0.674");
    expect(formatMetric(0.9, "number")).toBe("0.900");
    expect(formatMetric(3, "number")).toBe("3");
    expect(formatMetric(0.00234, "number")).toBe("0.0023");
    expect(formatMetric(2.914, "seconds")).toBe("2.91 s");
    expect(formatMetric(null, "number")).toBe("—");
  });

  it("have a sign as differences, unless they round to nothing", () => {
    expect(formatDifference(0.11, "fraction")).toBe("+11.0 pts");
    expect(formatDifference(-0.73, "seconds")).toBe("−730 ms");
    expect(formatDifference(0.0001, "fraction")).toBe("±0.0 pts");
    expect(formatDifference(null, "fraction")).toBe("—");
  });

  it("agree with their noun", () => {
    expect(plural(1, "call")).toBe("1 call");
    expect(plural(1_200, "call")).toBe("1,200 calls");
  });
});
