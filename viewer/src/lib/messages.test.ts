import { describe, expect, it } from "vitest";

import { extractMessages, formatToolCall } from "./messages";

const brief = (inputs: Record<string, unknown>, output: unknown) =>
  extractMessages(inputs, output)?.map((message) => `${message.role}: ${message.text}`) ?? null;

describe("messages", () => {
  it("are read from OpenAI's shape, tool calls included", () => {
    const output = { choices: [{ message: { role: "assistant", content: null, tool_calls: [
      { id: "1", type: "function", function: { name: "find", arguments: '{"q": "x"}' } },
    ] } }] };
    const found = extractMessages({ messages: [{ role: "user", content: "Hi" }], model: "m" }, output);
    expect(found?.map((message) => message.role)).toEqual(["user", "assistant"]);
    expect(found?.[1]?.toolCalls).toEqual([{ id: "1", name: "find", args: { q: "x" } }]);
  });

  it("are read from Anthropic's shape with a system prompt and parts", () => {
    const inputs = { system: "Be kind", messages: [{ role: "user", content: [{ type: "text", text: "Look" }, { type: "image", source: {} }] }] };
    expect(brief(inputs, { role: "assistant", content: [{ type: "text", text: "I see" }] })).toEqual(["system: Be kind", "user: Look", "assistant: I see"]);
    expect(extractMessages(inputs, null)?.[1]?.others.length).toBe(1);
  });

  it("are read from LangChain's shapes", () => {
    expect(brief(
      { messages: [[{ type: "system", content: "S" }, { type: "human", content: "H" }]] },
      { generations: [[{ text: "A", message: { lc: 1, type: "constructor", id: ["langchain", "schema", "AIMessage"], kwargs: { content: "A", type: "ai" } } }]] },
    )).toEqual(["system: S", "user: H", "assistant: A"]);
    expect(brief({ input: { messages: [{ type: "human", content: "H" }] } }, { messages: [{ type: "ai", content: "A" }] })).toEqual(["user: H", "assistant: A"]);
  });

  it("are said once when the output repeats the inputs", () => {
    const asked = [{ type: "human", content: "H" }];
    expect(brief({ messages: asked }, { messages: [...asked, { type: "ai", content: "A" }] })).toEqual(["user: H", "assistant: A"]);
  });

  it("end with the text that answers them", () => {
    expect(brief({ input: [{ role: "user", content: "Weather?" }] }, "It rains.")).toEqual(["user: Weather?", "assistant: It rains."]);
    expect(brief({ messages: [{ role: "user", content: "Weather?" }] }, "")).toEqual(["user: Weather?"]);
  });

  it("are null where there is no chat", () => {
    expect(extractMessages({ question: "?" }, "answer")).toBeNull();
    expect(extractMessages({ messages: ["a", "b"] }, { content: 3 })).toBeNull();
    expect(extractMessages({ input: [1, 2] }, [{ type: "human" }])).toBeNull();
  });
});

it("a tool call reads like code", () => {
  expect(formatToolCall({ name: "f", args: { a: "x", n: 2 } })).toBe('f(a="x", n=2)');
  expect(formatToolCall({ name: "f", args: undefined })).toBe("f()");
});
