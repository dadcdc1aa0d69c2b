import { expect, test } from "vitest";

import { bestNamed } from "./named";

const same = (name: string) => name;

test("all that was typed must be in a name, and what begins with it comes first", () => {
  expect(bestNamed(["go_up", "re-look_up", "outlook", "look_up", "up"], same, "look", 9).found).toEqual(["look_up", "re-look_up", "outlook"]);
  expect(bestNamed(["look_up", "look"], same, "up look", 9).found).toEqual(["look_up"]);
});

test("no more are given than are wanted, and the others are counted", () => {
  const names = Array.from({ length: 5_000 }, (_, i) => `thing-${i}`);
  expect(bestNamed(names, same, "thing-49", 5)).toEqual({ found: ["thing-49", "thing-490", "thing-491", "thing-492", "thing-493"], others: 106 });
  expect(bestNamed(names, same, " ", 2)).toEqual({ found: ["thing-0", "thing-1"], others: 4_998 });
});
