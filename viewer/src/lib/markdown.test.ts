import { describe, expect, it } from "vitest";

import { blocksOf, spansOf } from "./markdown";

describe("markdown", () => {
  it("is read by blocks", () => {
    const markup = "# Title\n\nSome\ntext\n- one\n- two\n  more\n\n1. first\n\n> said\n\n```py\n# code\n```\n\n---\n| a | b |\n|---|---|\n| 1 | 2 |";
    expect(blocksOf(markup)).toEqual([
      { kind: "heading", level: 1, text: "Title" },
      { kind: "text", text: "Some\ntext" },
      { kind: "list", isOrdered: false, items: ["one", "two\nmore"] },
      { kind: "list", isOrdered: true, items: ["first"] },
      { kind: "quote", text: "said" },
      { kind: "code", text: "# code" },
      { kind: "rule" },
      { kind: "table", head: ["a", "b"], rows: [["1", "2"]] },
    ]);
  });

  it("ends, whatever it is", () => {
    for (const markup of ["```", "|", "- ", ">", "#", "\n\n", "***", "[a](", "a|b\n-|-"]) expect(blocksOf(markup)).toBeDefined();
  });

  it("is read by spans", () => {
    expect(spansOf("a **b** `c` *d* [e](https://f.g)")).toEqual([
      { look: "text", text: "a " }, { look: "strong", text: "b" }, { look: "text", text: " " }, { look: "code", text: "c" },
      { look: "text", text: " " }, { look: "em", text: "d" }, { look: "text", text: " " }, { look: "link", text: "e", href: "https://f.g" },
    ]);
  });

  it("links to web addresses only", () => {
    for (const text of ["[a](javascript:void)", "[a](data:text/html,x)", "[a](//x.y)", "[a](/api)"])
      expect(spansOf(text).every((span) => span.look === "text")).toBe(true);
  });
});
