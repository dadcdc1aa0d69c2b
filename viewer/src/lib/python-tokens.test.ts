import { describe, expect, it } from "vitest";

import { pythonTokens } from "./python-tokens";

const CODE = `@weavelite.op
async def answer(q: str) -> str:  # the "one"
    """Say it's so."""
    return f"{q} {1_000}" + 'x' * 3.5
`;

describe("Python tokens", () => {
  it("join back to the code", () => {
    for (const code of [CODE, "'open", '"""open', ""]) expect(pythonTokens(code).map((token) => token.text).join("")).toBe(code);
  });

  it("have no keywords in a text of several lines", () => {
    const tokens = pythonTokens('x = """one\n  for two\n"""\nfor y in x: r\'\'\'raw\nif');
    expect(tokens.filter((token) => token.kind === "string").map((token) => token.text)).toEqual(['"""one\n  for two\n"""', "r'''raw\nif"]);
    expect(tokens.filter((token) => token.kind === "keyword").map((token) => token.text)).toEqual(["for", "in"]);
  });

  it("are told apart", () => {
    const found = (kind: string) => pythonTokens(CODE).filter((token) => token.kind === kind).map((token) => token.text);
    expect(found("decorator")).toEqual(["@weavelite.op"]);
    expect(found("name")).toEqual(["answer"]);
    expect(found("comment")).toEqual(['# the "one"']);
    expect(found("string")).toEqual(['"""Say it\'s so."""', 'f"{q} {1_000}"', "'x'"]);
    expect(found("keyword")).toEqual(["async", "def", "return"]);
    expect(found("number")).toEqual(["3.5"]);
  });
});
