import { expect, test } from "vitest";

import { type Cut, type Held, type Part, withPart } from "./cuts";
import { placeCuts, unsure } from "./message-cuts";
import { extractMessages } from "./messages";

const cut = (kind: string, next: number, total: number, ...path: string[]): Cut => ({ path, kind, total, next });
const say = (role: string, content: string) => ({ role, content });
const readOf = (held: Held) => {
  const { inputs, output } = held.bodies as { inputs: unknown; output: unknown };
  const messages = extractMessages(inputs, output) ?? [];
  return { messages, cuts: placeCuts(held, messages) };
};
const held: Held = {
  bodies: { inputs: { system: "Be k", messages: [say("user", "One"), say("tool", "Tw")], more: "xx" }, output: say("assistant", "Done") },
  cuts: [cut("text", 4, 7, "inputs", "system"), cut("list", 2, 4, "inputs", "messages"), cut("text", 2, 3, "inputs", "messages", "1", "content"), cut("text", 2, 9, "inputs", "more")],
};
const partOf = (text: string, items: unknown[], next: number | null): Part => ({ text, items: items.map((value, i) => ({ name: String(i + 2), value })), next, cuts: [] });

test("a cut is told where it is: in a message, behind one, or elsewhere", () => {
  const { messages, cuts } = readOf(held);
  const [system, , tool] = messages;
  expect([...cuts.inside].map(([message, [first]]) => [message, first?.path.at(-1)])).toEqual([[system, "system"], [tool, "content"]]);
  expect([...cuts.after].map(([message]) => message)).toEqual([tool]);
  expect(cuts.others.map((each) => each.path.at(-1))).toEqual(["more"]);
});

test("only messages that are wholly here, and whose place is known, are compared", () => {
  const { messages, cuts } = readOf(held);
  expect(messages.filter((message) => !unsure(messages, cuts).has(message)).map((message) => message.text)).toEqual(["One"]);
});

test("parts go where they belong, in any order, until nothing is cut", () => {
  const [system, list, text, more] = held.cuts as [Cut, Cut, Cut, Cut];
  let now = withPart(held, list, partOf("", [say("user", "Three")], 3));
  now = withPart(now, text, partOf("o", [], null));
  now = withPart(now, { ...list, next: 3 }, { ...partOf("", [say("user", "Fo")], null), cuts: [cut("text", 2, 4, "inputs", "messages", "3", "content")] });
  now = withPart(withPart(now, system, partOf("ind", [], null)), more, partOf("", [], null));
  expect(now.cuts.map((each) => each.path)).toEqual([["inputs", "messages", "3", "content"]]);
  now = withPart(now, now.cuts[0] as Cut, partOf("ur", [], null));
  expect(readOf(now).messages.map((message) => message.text)).toEqual(["Be kind", "One", "Two", "Three", "Four", "Done"]);
  expect(now.cuts).toEqual([]);
});
