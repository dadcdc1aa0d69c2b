import { expect, test } from "vitest";

import { countOf, type Edits, jsonOfCell, NO_EDITS, pasted, requestOf, textColumns, textOfCell, withCell, withDeleted } from "./edits";

test("a cell that is shown and left as it is means the same value", () => {
  for (const value of ["text", "12", "true", "", 12, 0.5, null, [1], { a: "b" }, '"quoted"']) expect(JSON.parse(jsonOfCell(textOfCell(value)))).toEqual(value);
  expect(jsonOfCell("1.0")).toBe("1.0");
  expect(jsonOfCell("12", true)).toBe('"12"');
});

test("typing a value back takes its edit away, and deleted rows have no edits", () => {
  const typed = withCell(NO_EDITS, 3, "q", "new", "old");
  expect(countOf(typed)).toBe(1);
  expect(countOf(withCell(typed, 3, "q", "old", "old"))).toBe(0);
  const gone = withDeleted(typed, 3);
  expect(requestOf(gone, new Set())).toEqual({ cells: {}, deleted: [3], added: [], filled: {} });
  expect(countOf(withDeleted(gone, 3))).toBe(1);
});

test("pasted rows go by the names of columns, or by place", () => {
  expect(pasted([["b", "a", "new"], ["1", "2", "3"]], ["a", "b"])).toEqual({ rows: [{ b: "1", a: "2", new: "3" }], columns: ["new"] });
  expect(pasted([["1", "2"]], ["a", "b"])).toEqual({ rows: [{ a: "1", b: "2" }], columns: [] });
});

test("a new column is filled where nothing was typed", () => {
  const edits: Edits = { ...NO_EDITS, added: [{ q: "x" }, { q: "", lang: "fr" }], columns: { lang: "en", empty: "" } };
  expect(requestOf(edits, textColumns([{ q: "a" }, { q: null }]))).toEqual({ cells: {}, deleted: [], added: [{ q: '"x"', lang: '"en"' }, { lang: '"fr"' }], filled: { lang: '"en"' } });
});
