import { describe, expect, it } from "vitest";

import { fieldChanges, parseRef, withoutRefs } from "./json";
import { summarize } from "./summary";

describe("refs", () => {
  it("are read by part", () => {
    expect(parseRef("weave:///local/demo/op/Judge.score:4c1e")).toEqual({
      entity: "local", project: "demo", kind: "op", name: "Judge.score", digest: "4c1e", row: null,
    });
  });

  it("may be to a row of a dataset", () => {
    expect(parseRef("weave:///local/demo/object/tickets:nIzY/attr/rows/id/jVCU")).toMatchObject({ name: "tickets", digest: "nIzY", row: "jVCU" });
  });

  it("are only names in a preview, also where they were cut", () => {
    expect(withoutRefs('model: weave:///local/demo/object/two-examples:xIRr, {"a":"weave:///l/d/op/f:4c/attr/x"}')).toBe('model: two-examples, {"a":"f"}');
    expect(withoutRefs("weave:///local/demo/object/two-exa")).toBe("two-exa");
    expect(withoutRefs("weave:///local/de")).toBe("weave:///local/de");
  });

  it.each(["weave:///local/demo/object/x", "see weave:///local/demo/op/a:b", "weave:///a/b/call/c:1"])("%s is none", (text) => {
    expect(parseRef(text)).toBeNull();
  });
});

describe("changes of fields", () => {
  it("name the path of what changed, came and went", () => {
    expect(fieldChanges({ a: { b: 1, gone: true }, list: [1, 2] }, { a: { b: 2 }, list: [1, 3, 4] })).toEqual([
      { path: "a.b", before: 1, after: 2 },
      { path: "a.gone", before: true, after: undefined },
      { path: "list[1]", before: 2, after: 3 },
      { path: "list[2]", before: undefined, after: 4 },
    ]);
  });

  it("are none between equals", () => { expect(fieldChanges({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]); });
});

it("a summary is one line", () => { expect(summarize("a\n b", 10)).toBe("a b"); });
