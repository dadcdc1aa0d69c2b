import { describe, expect, it } from "vitest";

import { formatDuration, formatFull, formatRange, formatStarted, formatTick, timeTicks } from "./time";

describe("durations", () => {
  it.each([
    [null, "—"], [0, "0 µs"], [812, "812 µs"], [1_500, "1.5 ms"], [9_960, "10 ms"], [412_000, "412 ms"], [999_700, "1.00 s"],
    [3_420_000, "3.42 s"], [12_340_000, "12.3 s"], [59_990_000, "1 min 0 s"], [125_000_000, "2 min 5 s"], [7_260_000_000, "2 h 1 min"],
  ])("%s µs reads %s", (us, text) => { expect(formatDuration(us)).toBe(text); });
});

describe("a moment", () => {
  const at = new Date(2026, 8, 3, 4, 5, 9, 42);
  it("is a time today, and has its day on another one", () => {
    expect(formatStarted(at.getTime() * 1000, new Date(2026, 8, 3, 18))).toBe("04:05:09");
    expect(formatStarted(at.getTime() * 1000, new Date(2026, 8, 4, 1))).toBe("3 Sep 04:05");
  });
  it("has its year and milliseconds in full", () => { expect(formatFull(at.getTime() * 1000 + 999)).toBe("3 Sep 2026, 04:05:09.042"); });
});

describe("a stretch of time", () => {
  const at = (minute: number, second: number) => new Date(2026, 2, 5, 14, minute, second).getTime() * 1000;
  const now = new Date(2026, 2, 5, 18);
  it("names both ends", () => { expect(formatRange(at(20, 0), at(31, 0), now)).toMatch(/^today .*20 – ..:31$/); });
  it("names a minute once", () => { expect(formatRange(at(20, 1), at(20, 59), now)).not.toContain("–"); });
});

describe("ticks of a time axis", () => {
  it("are round and start at zero", () => {
    expect(timeTicks(6_900_000)).toEqual([0, 2_000_000, 4_000_000, 6_000_000]);
    expect(timeTicks(0)).toEqual([0]);
  });

  it("carry the unit of the whole axis", () => {
    expect(formatTick(2_000_000, 6_900_000)).toBe("2 s");
    expect(formatTick(500, 2_000)).toBe("0.5 ms");
    expect(formatTick(0, 2_000)).toBe("0");
  });
});
