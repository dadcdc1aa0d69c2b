import { describe, expect, it } from "vitest";

import { expandBodies } from "./bodies";
import { Conversation, spokenCalls } from "./conversation";
import { callsOfTurn, holdOrder, readTurns } from "./thread";
import { buildForest, visibleRows } from "./tree";

let clock = 0;
const call = (id: string, parent: string | null, kind: string, op_name = id, error: string | null = null) =>
  ({ id, span_id: id, parent_span_id: parent, kind, op_name, display_name: null, error, status: error === null ? "success" : "error", start_us: (clock += 1), end_us: clock + 1 });
const said = (role: string, content: string | null, more = {}) => ({ role, content, ...more });
const asks = (...names: string[]) => ({ tool_calls: names.map((name) => ({ id: `id-${name}`, function: { name, arguments: "{}" } })) });

function read(calls: ReturnType<typeof call>[], bodies: Record<string, [unknown, unknown]>) {
  const nodes = visibleRows(buildForest(calls), new Set());
  const conversation = new Conversation();
  conversation.add(nodes, new Map(spokenCalls(nodes).map(({ id }) => [id, { id, inputs: bodies[id]?.[0], output: bodies[id]?.[1] }])));
  return conversation.lines;
}
const brief = (lines: ReturnType<typeof read>) => lines.map((line) => (line.kind === "message" ? `${line.message.role}: ${line.message.text}` : line.kind === "agent" ? `[${line.name} ${line.lines}]` : `${line.kind} ${line.name}`));

describe("a conversation", () => {
  it("tells each message once, though each turn repeats those before it, and the same words twice where they were said twice", () => {
    const first = [said("system", "S"), said("user", "yes")];
    const second = [...first, said("assistant", "A"), said("user", "yes")];
    const lines = read([call("root", null, "agent"), call("a", "root", "llm"), call("b", "root", "llm")], { a: [{ messages: first }, said("assistant", "A")], b: [{ messages: second }, said("assistant", "B")] });
    expect(brief(lines)).toEqual(["system: S", "user: yes", "assistant: A", "user: yes", "assistant: B"]);
    expect(lines.map((line) => line.callId)).toEqual(["a", "a", "a", "b", "b"]);
  });

  it("puts the result of a tool beside its call, with the call that ran it", () => {
    const asked = said("assistant", null, asks("find", "list"));
    const results = [{ role: "tool", tool_call_id: "id-list", content: "two" }, { role: "tool", tool_call_id: "id-find", content: "one" }];
    const lines = read([call("root", null, "agent"), call("a", "root", "llm"), call("t1", "root", "tool", "find"), call("t2", "root", "tool", "list"), call("t3", "root", "tool", "other"), call("b", "root", "llm")], {
      a: [{ messages: [said("user", "U")] }, asked], t1: [{ q: 1 }, "one"], t2: [{}, "two"], t3: [{}, 3], b: [{ messages: [said("user", "U"), asked, ...results] }, said("assistant", "B")],
    });
    expect(brief(lines)).toEqual(["user: U", "assistant: ", "tool other", "assistant: B"]);
    const steps = lines[1]?.kind === "message" ? lines[1].steps : [];
    expect(steps.map((step) => [step.call.name, step.result?.text, step.callId])).toEqual([["find", "one", "t1"], ["list", "two", "t2"]]);
  });

  it("keeps what a nested agent says inside of it", () => {
    const lines = read([call("root", null, "agent"), call("sub", "root", "agent"), call("a", "sub", "llm"), call("b", "root", "llm", "b", "Timeout")], { a: [{ messages: [said("user", "U")] }, said("assistant", "A")], b: [{ messages: [said("user", "V")] }, null] });
    expect(brief(lines)).toEqual(["[sub 2]", "user: U", "assistant: A", "user: V", "error b"]);
    expect(lines.map((line) => line.within.join())).toEqual(["", "sub", "sub", "", ""]);
  });

  it("is what the root was asked and answered where no model was called", () => {
    expect(brief(read([call("root", null, "op"), call("x", "root", "tool")], { root: [{ question: "Why?" }, "Because"], x: [{}, 1] }))).toEqual(["user: Why?", "assistant: Because"]);
  });
});

describe("what is large in a conversation", () => {
  const cut = (path: string[], digest: string) => ({ path, kind: "text", total: 90_000, next: 5, digest });
  const large = (digest: string) => {
    const conversation = new Conversation();
    const bodies = new Map([["a", { id: "a", inputs: { messages: [said("user", "start")] }, output: said("assistant", "A"), cuts: [cut(["inputs", "messages", "0", "content"], "one")] }],
      ["b", { id: "b", inputs: { messages: [said("user", "start")] }, output: said("assistant", "B"), cuts: [cut(["inputs", "messages", "0", "content"], digest)] }]]);
    conversation.add(visibleRows(buildForest([call("root", null, "agent"), call("a", "root", "llm"), call("b", "root", "llm")]), new Set()), bodies);
    return conversation;
  };

  it("is known again by all of it, of which only the start is here", () => {
    expect(brief(large("one").lines)).toEqual(["user: start", "assistant: A", "assistant: B"]);
    expect(brief(large("another").lines)).toEqual(["user: start", "assistant: A", "user: start", "assistant: B"]);
  });

  it("is told with the message that it is in, and of which call it is", () => {
    const { lines, inside, places } = large("one");
    const [first] = lines;
    const cuts = first?.kind === "message" ? (inside.get(first.message) ?? []) : [];
    expect(cuts.map((each) => [each.total, places.get(each)])).toEqual([[90_000, { callId: "a", start: "start" }]]);
  });

  it("is told of a question that is no chat, too", () => {
    const conversation = new Conversation();
    const body = { id: "root", inputs: { text: "start", more: 1 }, output: "end", cuts: [cut(["inputs", "text"], "one"), cut(["output"], "two")] };
    conversation.add(visibleRows(buildForest([call("root", null, "op")]), new Set()), new Map([["root", body]]));
    expect(conversation.lines.map((line) => (line.kind === "message" ? conversation.inside.get(line.message)?.map((each) => each.digest) : null))).toEqual([["one"], ["two"]]);
  });
});

describe("the turns of a thread", () => {
  const turn = (id: string, inputs: unknown, output: unknown) => ({ id, nodes: [{ call: call(id, null, "llm"), depth: 0 }], bodies: [{ id, inputs, output }] });
  const told = (turns: ReturnType<typeof turn>[]) => [...readTurns(turns).lines.values()].map((lines) => brief(lines));

  it("tell only what none before told, where each repeats the history", () => {
    const first = [said("system", "S"), said("user", "yes")];
    const second = [...first, said("assistant", "ok"), said("user", "yes")];
    expect(told([turn("a", { messages: first }, said("assistant", "ok")), turn("b", { messages: second }, said("assistant", "ok"))])).toEqual([["system: S", "user: yes", "assistant: ok"], ["user: yes", "assistant: ok"]]);
  });

  it("tell the same words again, where the history is not repeated", () => {
    expect(told([turn("a", { text: "yes" }, "ok"), turn("b", { text: "yes" }, "ok"), turn("c", { text: "no" }, "ok"), turn("d", { text: "yes" }, "ok")])).toEqual([["user: yes", "assistant: ok"], ["user: yes", "assistant: ok"], ["user: no", "assistant: ok"], ["user: yes", "assistant: ok"]]);
  });

  it("are cut out of their trace, with what is above models and tools left out", () => {
    const calls = [call("root", null, "op"), call("one", "root", "op"), call("step", "one", "chain"), call("m", "step", "llm"), call("two", "root", "op"), call("n", "two", "llm")];
    expect(callsOfTurn(calls, "one").map(({ call: { id }, depth }) => `${id} ${depth}`)).toEqual(["one 0", "m 2"]);
    expect(callsOfTurn(calls, "gone")).toEqual([]);
  });
});

describe("the order of threads", () => {
  const at = (id: string, newest: string) => ({ id, newest });
  const began = new Map([["a", "5"], ["b", "3"]]);
  it("stays while it is read: what went on is counted and keeps its place, what is older is added", () => {
    const { shown, waiting } = holdOrder([at("new", "9"), at("b", "8"), at("a", "5"), at("old", "1")], began);
    expect([shown.map(({ id }) => id), waiting]).toEqual([["a", "b", "old"], 2]);
    expect(holdOrder([at("b", "8"), at("a", "5")], null)).toEqual({ shown: [at("b", "8"), at("a", "5")], waiting: 0 });
  });
});

it("shared items of lists come back where they were", () => {
  expect(expandBodies({ shared: [{ role: "user" }], calls: [{ id: "1", inputs: { messages: [{ "~shared": 0 }, [{ "~shared": 0 }]] }, output: [1] }] })).toEqual([{ id: "1", inputs: { messages: [{ role: "user" }, [{ role: "user" }]] }, output: [1] }]);
});

it("what is cut and looks alike stays two things", () => {
  const [body] = expandBodies({ shared: [{ role: "user", content: "start" }], calls: [{ id: "1", inputs: { messages: [{ "~shared": 0 }, { "~shared": 0 }] }, output: null, cuts: [{ path: ["inputs", "messages", "1", "content"], kind: "text", total: 9, next: 5 }] }] });
  const { messages } = body?.inputs as { messages: unknown[] };
  expect(messages[0]).toEqual(messages[1]);
  expect(messages[0]).not.toBe(messages[1]);
});
