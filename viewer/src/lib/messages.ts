import type { Cut } from "./cuts";
import { isObject, type JsonObject } from "./json";
import { inWords } from "./summary";

export interface ToolCall {
  /** By which a result names the call that it answers; null where the provider gives none. */
  id: string | null;
  name: string;
  args: unknown;
}

export interface Message {
  role: string;
  name: string | null;
  text: string;
  /** What a model thought before it spoke, where the provider tells. */
  reasoning: string;
  toolCalls: ToolCall[];
  /** Of a tool's result: which call it answers. */
  answers: string | null;
  /** Content that is neither text nor a tool call (images, audio, files), as it was stored. */
  others: unknown[];
  /** The stored objects that it was read from. */
  sources: readonly object[];
}

const LANGCHAIN_ROLES: Record<string, string> = {
  human: "user", ai: "assistant", system: "system", tool: "tool", function: "tool", chat: "user", model: "assistant",
};

/** What was asked and what was answered, in order, or null when inputs and output do not look like a chat. */
export function extractTurn(inputs: unknown, output: unknown): { asked: Message[]; answered: Message[] } | null {
  const [asked, answered] = [fromInputs(inputs), fromOutput(output)];
  if (asked.length + answered.length === 0) return null;
  // A graph gives back its whole state: what was asked is then in the answer already.
  const isRepeated = asked.length <= answered.length && asked.every((message, i) => isSame(message, answered[i]));
  return { asked, answered: isRepeated ? answered.slice(asked.length) : answered };
}

/** The same as one list; a text that answers messages is the assistant's. */
export function extractMessages(inputs: unknown, output: unknown): Message[] | null {
  const turn = extractTurn(inputs, output);
  if (turn === null) return null;
  return typeof output === "string" && output !== "" ? [...turn.asked, plain("assistant", output)] : [...turn.asked, ...turn.answered];
}

/** Two messages with the same key say the same. */
export const messageKey = (message: Message): string => JSON.stringify([message.role, message.text, message.toolCalls, message.others]);

const isSame = (a: Message, b: Message | undefined) => b !== undefined && messageKey(a) === messageKey(b);

function fromInputs(inputs: unknown): Message[] {
  if (!isObject(inputs)) return [];
  const told = [inputs["system"], inputs["instructions"], inputs["system_instruction"]].find((each) => typeof each === "string");
  const system = typeof told === "string" ? [plain("system", told)] : [];
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
  const { choices, generations, messages, output: items, message, candidates } = output;
  if (Array.isArray(choices)) return choices.flatMap((choice) => (isObject(choice) ? asMessages(choice["message"]) : []));
  if (Array.isArray(candidates)) return candidates.flatMap((each) => (isObject(each) ? asMessages(each["content"]) : []));
  if (Array.isArray(generations)) return generations.flat().flatMap((each) => (isObject(each) ? asMessages(each["message"]) : []));
  const nested = [messages, items].map(messageList).find((each) => each.length > 0);
  return nested ?? (message === undefined ? asMessages(output) : asMessages(message));
}

function messageList(value: unknown): Message[] {
  if (!Array.isArray(value)) return isObject(value) && Array.isArray(value["messages"]) ? messageList(value["messages"]) : [];
  const flat: unknown[] = value.flat();
  const found = flat.map(asMessages);
  return found.every((each) => each.length > 0) ? joined(found.flat()) : [];
}

/** Items of one answer (its thoughts, its words, its calls of tools) that come one by one are one message. */
function joined(messages: readonly Message[]): Message[] {
  const all: Message[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    const isPiece = message.role === "assistant" && last?.role === "assistant" && (isBare(last) || isBare(message)) && message.others.length === 0;
    if (!isPiece) { all.push(message); continue; }
    all[all.length - 1] = { ...last, text: [last.text, message.text].filter(Boolean).join("\n\n"), reasoning: [last.reasoning, message.reasoning].filter(Boolean).join("\n\n"), toolCalls: [...last.toolCalls, ...message.toolCalls], sources: [...last.sources, ...message.sources] };
  }
  return all;
}

/** A piece that says nothing itself. */
const isBare = (message: Message) => message.text === "" && message.others.length === 0;

const plain = (role: string, text: string, ...sources: object[]): Message => ({ role, name: null, text, reasoning: "", toolCalls: [], answers: null, others: [], sources });

const textFrom = (value: unknown): string =>
  typeof value === "string" ? value : Array.isArray(value) ? value.map((each: unknown) => (isObject(each) ? textFrom(each["text"] ?? each["summary"]) : textFrom(each))).filter(Boolean).join("\n\n") : "";

const stringOr = <T>(value: unknown, other: T): string | T => (typeof value === "string" ? value : other);

function asMessages(value: unknown): Message[] {
  if (!isObject(value)) return [];
  const item = asItem(value);
  if (item !== null) return [item];
  const body = isObject(value["kwargs"]) ? value["kwargs"] : value;
  const role = roleOf(value, body);
  const content = body["content"] ?? body["parts"];
  if (role === null || (content === undefined && body["tool_calls"] === undefined)) return [];
  const message = plain(role, "", value);
  message.name = stringOr(body["name"], null);
  message.answers = stringOr(body["tool_call_id"] ?? body["tool_use_id"], null);
  message.reasoning = textFrom(body["reasoning_content"] ?? body["reasoning"]);
  const results: Message[] = [];
  for (const part of Array.isArray(content) ? (content as unknown[]) : [content]) {
    const result = resultOf(part);
    if (result === null) addPart(message, part);
    else results.push(result);
  }
  if (Array.isArray(body["tool_calls"])) body["tool_calls"].forEach((each) => { addToolCall(message, each); });
  return results.length > 0 && isBare(message) && message.toolCalls.length === 0 ? results : [...results, message];
}

/** The items of OpenAI's responses that are no messages. */
function asItem(value: JsonObject): Message | null {
  if (value["type"] === "function_call") return { ...plain("assistant", "", value), toolCalls: [toolCallOf(value)] };
  if (value["type"] === "function_call_output") return { ...plain("tool", "", value), ...shown(value["output"]), answers: stringOr(value["call_id"], null) };
  if (value["type"] === "reasoning" && value["role"] === undefined) return { ...plain("assistant", "", value), reasoning: textFrom(value["summary"] ?? value["content"]) };
  return null;
}

const shown = (result: unknown): Pick<Message, "text" | "others"> =>
  typeof result === "string" ? { text: result, others: [] } : Array.isArray(result) && textFrom(result) !== "" ? { text: textFrom(result), others: [] } : { text: "", others: result === undefined ? [] : [result] };

/** A part of a user's message that is the result of a tool. */
function resultOf(part: unknown): Message | null {
  if (!isObject(part)) return null;
  if (part["type"] === "tool_result") return { ...plain("tool", "", part), ...shown(part["content"]), answers: stringOr(part["tool_use_id"], null) };
  if (part["type"] === "tool_call_response") return { ...plain("tool", "", part), ...shown(part["response"] ?? part["result"] ?? part["content"]), answers: stringOr(part["id"], null) };
  const answer = part["functionResponse"] ?? part["function_response"];
  return isObject(answer) ? { ...plain("tool", "", part), ...shown(answer["response"]), name: stringOr(answer["name"], null) } : null;
}

function roleOf(value: JsonObject, body: JsonObject): string | null {
  if (typeof body["role"] === "string") return LANGCHAIN_ROLES[body["role"]] ?? body["role"];
  const id: unknown = Array.isArray(value["id"]) ? value["id"].at(-1) : undefined;
  const type = typeof id === "string" ? id.replace(/Message(Chunk)?$/, "").toLowerCase() : body["type"];
  return typeof type === "string" ? (LANGCHAIN_ROLES[type] ?? null) : null;
}

const CALLS = new Set(["tool_use", "tool_call"]);
const THOUGHTS = new Set(["thinking", "reasoning"]);

function addPart(message: Message, part: unknown) {
  if (part === null || part === undefined) return;
  const call = isObject(part) ? (part["functionCall"] ?? part["function_call"]) : undefined;
  if (isObject(call)) addToolCall(message, call);
  else if (isObject(part) && CALLS.has(String(part["type"]))) addToolCall(message, part);
  else if (isObject(part) && THOUGHTS.has(String(part["type"]))) message.reasoning += textFrom(part["thinking"] ?? part["content"] ?? part["text"] ?? part["summary"]);
  else {
    const text = isObject(part) ? (part["text"] ?? (part["type"] === "text" ? part["content"] : undefined)) : part;
    if (typeof text === "string") message.text += message.text === "" ? text : `\n\n${text}`;
    else message.others.push(part);
  }
}

function toolCallOf(call: JsonObject): ToolCall {
  const target = isObject(call["function"]) ? call["function"] : call;
  const args = target["arguments"] ?? target["args"] ?? target["input"];
  return { id: stringOr(call["call_id"] ?? call["id"], null), name: stringOr(target["name"], "tool"), args: typeof args === "string" ? parseOr(args) : args };
}

function addToolCall(message: Message, given: unknown) {
  if (!isObject(given)) return;
  const call = toolCallOf(given);
  // Anthropic's tool_use parts and LangChain's tool_calls describe the same call twice.
  const isKnown = (each: ToolCall) => each.name === call.name && JSON.stringify(each.args) === JSON.stringify(call.args) && (each.id === call.id || each.id === null || call.id === null);
  if (!message.toolCalls.some(isKnown)) message.toolCalls.push(call);
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
  const written = (value: unknown) => JSON.stringify(value, (_, item: unknown) => inWords(item));
  if (!isObject(call.args)) return `${call.name}(${call.args === undefined ? "" : written(call.args)})`;
  const args = Object.entries(call.args).map(([key, value]) => `${key}=${written(value)}`);
  return `${call.name}(${args.join(", ")})`;
}

/** A call of a tool that a model asked for, beside what came of it. */
export interface ToolStep {
  call: ToolCall;
  result: Message | null;
  /** The traced call that ran it, where there is one. */
  callId: string | null;
  output: unknown;
  error: string | null;
  /** Where its output is cut. */
  cuts: readonly Cut[];
}

export const stepsOf = (message: Message): ToolStep[] => message.toolCalls.map((call) => ({ call, result: null, callId: null, output: undefined, error: null, cuts: [] }));

/** The step that a tool's message answers: by its id, else the first one of its name that waits. */
export function stepAnswered(steps: readonly ToolStep[], message: Message): ToolStep | undefined {
  const open = steps.filter((step) => step.result === null);
  return message.answers === null ? open.find((step) => message.name === null || step.call.name === message.name) : open.findLast((step) => step.call.id === message.answers);
}

/** Messages with the results of the tools they call beside the calls. */
export function pairResults(messages: readonly Message[]): { message: Message; steps: ToolStep[] }[] {
  const pairs: { message: Message; steps: ToolStep[] }[] = [];
  for (const message of messages) {
    const step = message.role === "tool" ? stepAnswered(pairs.flatMap((pair) => pair.steps), message) : undefined;
    if (step) step.result = message;
    else pairs.push({ message, steps: stepsOf(message) });
  }
  return pairs;
}
