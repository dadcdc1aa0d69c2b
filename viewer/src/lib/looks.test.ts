import { expect, it } from "vitest";

import { isMarkup, looksOf, tableOf } from "./looks";

it("lists of about equal objects are tables, others are not", () => {
  expect(tableOf([{ a: 1, b: 2 }, { a: 3, b: 4 }])?.columns).toEqual(["a", "b"]);
  expect(tableOf([{ a: 1 }, { b: 2 }, { c: 3 }])).toBeNull();
  expect(tableOf([{ a: 1 }])).toBeNull();
  expect(tableOf([1, 2])).toBeNull();
  expect(looksOf([{ a: 1 }, { a: 2 }])).toEqual(["tree", "table", "raw"]);
});

it("what is written as Markdown can be read as it", () => {
  for (const text of ["# Title", "a **bold** word", "- one\n- two", "| a | b |\n|---|---|"]) expect(isMarkup(text), text).toBe(true);
  for (const text of ["2 * 3 * 4", "a plain sentence", "snake_case_name"]) expect(isMarkup(text), text).toBe(false);
  expect(looksOf("plain")).toEqual(["text"]);
  for (const one of [3, true, null]) expect(looksOf(one)).toEqual(["tree"]);
});
