import { isObject, type JsonObject } from "./json";

export interface Message {
  role: string;
  name: string | null;
  text: string;
  toolCalls: { name: string; args: unknown }[];
  /** Content that is neither text nor a tool call (images, audio, files), as it was stored. */
  others: unknown[];
}

const LANGCHAIN_ROLES: Record<string, string> = {
  human: "user", ai: "assistant", system: "system", tool: "tool", function: "tool", chat: "user", model: "assistant",
};

/** What was said, in order, or null when inputs and output do not look like a chat. */
export function extractMessages(inputs: unknown, output: unknown): Message[] | null {
  const [asked, answered] = [fromInputs(inputs), fromOutput(output)];
  // A graph gives back its whole state: what was asked is then in the answer already.
  const isRepeated = asked.length <= answered.length && asked.every((message, i) => isSame(message, answered[i]));
  const said = isRepeated ? answered : [...asked, ...answered];
  return said.length === 0 ? null : said;
}

const isSame = (a: Message, b: Message | undefined) => JSON.stringify([a.role, a.text, a.toolCalls]) === JSON.stringify([b?.role, b?.text, b?.toolCalls]);

function fromInputs(inputs: unknown): Message[] {
  if (!isObject(inputs)) return [];
  const system = typeof inputs["system"] === "string" ? [plain("system", inputs["system"])] : [];
  for (const key of ["messages", "input", "contents", "chat_history", "prompts"]) {
    const found = messageList(inputs[key]);
    if (found.length > 0) return [...system, ...found];
  }
  return [];
}

function fromOutput(output: unknown): Message[] {
  const list = messageList(output);
  if (list.length > 0) return list;
  if (!isObject(output)) return [];
  const { choices, generations, messages, output: items, message } = output;
  if (Array.isArray(choices)) return choices.flatMap((choice) => (isObject(choice) ? asMessage(choice["message"]) : []));
  if (Array.isArray(generations)) return generations.flat().flatMap((each) => (isObject(each) ? asMessage(each["message"]) : []));
  const nested = [messages, items].map(messageList).find((each) => each.length > 0);
  return nested ?? (message === undefined ? asMessage(output) : asMessage(message));
}

function messageList(value: unknown): Message[] {
  if (!Array.isArray(value)) return isObject(value) && Array.isArray(value["messages"]) ? messageList(value["messages"]) : [];
  const flat: unknown[] = value.flat();
  const found = flat.map(asMessage);
  return found.every((each) => each.length === 1) ? found.flat() : [];
}

const plain = (role: string, text: string): Message => ({ role, name: null, text, toolCalls: [], others: [] });

function asMessage(value: unknown): Message[] {
  if (!isObject(value)) return [];
  const body = isObject(value["kwargs"]) ? value["kwargs"] : value;
  const role = roleOf(value, body);
  const content = body["content"] ?? body["parts"];
  if (role === null || (content === undefined && body["tool_calls"] === undefined)) return [];
  const message = plain(role, "");
  message.name = typeof body["name"] === "string" ? body["name"] : null;
  for (const part of Array.isArray(content) ? (content as unknown[]) : [content]) addPart(message, part);
  if (Array.isArray(body["tool_calls"])) body["tool_calls"].forEach((each) => { addToolCall(message, each); });
  return [message];
}

function roleOf(value: JsonObject, body: JsonObject): string | null {
  if (typeof body["role"] === "string") return LANGCHAIN_ROLES[body["role"]] ?? body["role"];
  const id: unknown = Array.isArray(value["id"]) ? value["id"].at(-1) : undefined;
  const type = typeof id === "string" ? id.replace(/Message(Chunk)?$/, "").toLowerCase() : body["type"];
  return typeof type === "string" ? (LANGCHAIN_ROLES[type] ?? null) : null;
}

function addPart(message: Message, part: unknown) {
  if (part === null || part === undefined) return;
  const text = typeof part === "string" ? part : isObject(part) ? (part["text"] ?? (part["type"] === "tool_result" ? part["content"] : undefined)) : undefined;
  if (typeof text === "string") message.text += message.text === "" ? text : `\n\n${text}`;
  else if (isObject(part) && part["type"] === "tool_use") message.toolCalls.push({ name: String(part["name"]), args: part["input"] });
  else message.others.push(part);
}

function addToolCall(message: Message, call: unknown) {
  if (!isObject(call)) return;
  const target = isObject(call["function"]) ? call["function"] : call;
  const name = typeof target["name"] === "string" ? target["name"] : "tool";
  const args = target["arguments"] ?? target["args"];
  // Anthropic's tool_use parts and LangChain's tool_calls describe the same call twice.
  if (message.toolCalls.some((each) => each.name === name && JSON.stringify(each.args) === JSON.stringify(args))) return;
  message.toolCalls.push({ name, args: typeof args === "string" ? parseOr(args) : args });
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `list_charges(customer="c_88", month="2026-03")` */
export function formatToolCall(call: { name: string; args: unknown }): string {
  if (!isObject(call.args)) return `${call.name}(${call.args === undefined ? "" : JSON.stringify(call.args)})`;
  const args = Object.entries(call.args).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${call.name}(${args.join(", ")})`;
}
