import { expect, test } from "vitest";

import { chosen, countsOf, labelsOf, type Listed } from "./objects";

const object = (name: string, more: Partial<Listed> = {}): Listed => ({ name, kind: "Model", class_name: "Helper", versions: 1, version: 0, created_us: 0, aliases: {}, tags: {}, ...more });

test("saved views and what was deleted in its newest version are listed only when asked for", () => {
  const all = [object("a"), object("view", { class_name: "SavedView" }), object("gone", { version: 2, tags: { deleted: 2 } }), object("back", { version: 3, tags: { deleted: 2 } })];
  expect(chosen(all, { sort: "name" }).map((each) => each.name)).toEqual(["a", "back"]);
  expect(chosen(all, { tag: "deleted", sort: "name" }).map((each) => each.name)).toEqual(["back", "gone"]);
  expect(countsOf(all).get("Model")).toBe(2);
});

test("names, classes, kinds and labels choose, and the newest comes first", () => {
  const all = [object("helper", { created_us: 1, aliases: { production: 0 } }), object("rows", { kind: "Dataset", class_name: "Dataset", created_us: 3, tags: { good: 0 } }), object("other", { created_us: 2 })];
  expect(chosen(all, {}).map((each) => each.name)).toEqual(["rows", "other", "helper"]);
  expect(chosen(all, { q: "HELP", sort: "name" }).map((each) => each.name)).toEqual(["helper", "other"]);
  expect(chosen(all, { kind: "Dataset" })).toHaveLength(1);
  expect(chosen(all, { alias: "production" })[0]?.name).toBe("helper");
  expect(labelsOf(all, "tags")).toEqual(["good"]);
});
