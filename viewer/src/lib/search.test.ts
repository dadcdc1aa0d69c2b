import { describe, expect, it } from "vitest";

import { moved, parseCompareSearch, withBaseline } from "./evaluation-search";
import { parseObjectSearch, parseTraceSearch, parseTracesSearch } from "./search";

describe("URL search", () => {
  it("keeps what is right and drops what is not", () => {
    expect(parseTracesSearch({ q: "refund", all: true, call: "c1", facets: false, junk: 1 })).toEqual({ q: "refund", all: true, call: "c1", facets: false });
    expect(parseTracesSearch({ q: "", all: "yes" })).toEqual({});
  });

  it("reads the op and the status of old links as terms", () => {
    expect(parseTracesSearch({ q: "refund", op: "my op", status: "error" })).toEqual({ q: 'op:"my op" status:error refund' });
  });

  it("reads numbers as the text that was typed", () => {
    expect(parseTracesSearch({ q: 123 })).toEqual({ q: "123" });
    expect(parseTraceSearch({ call: 7, tab: "output" })).toEqual({ call: "7", tab: "output" });
  });

  it("knows one view of an object", () => { expect(parseObjectSearch({ version: "v3", view: "other" })).toEqual({ version: "v3" }); });

  it("has each compared run once, the baseline first", () => {
    expect(parseCompareSearch({ ids: "a, b,,a", group: "regressed" })).toEqual({ ids: "a,b", group: "regressed" });
    expect(parseCompareSearch({})).toEqual({ ids: "" });
    expect(withBaseline("a,b,c", "c")).toBe("c,a,b");
    expect([moved("a,b,c", "a", 1), moved("a,b,c", "a", 9), moved("a,b,c", "c", -1)]).toEqual(["b,a,c", "b,c,a", "c,a,b"]);
  });
});
