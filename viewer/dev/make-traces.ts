import type { Random } from "./random.ts";
import type { CallDetail } from "../src/api/types.ts";
import { EXAMPLES } from "./store.ts";

interface Spec {
  op: string;
  kind: string;
  at: number;
  took: number;
  inputs: Record<string, unknown>;
  output: unknown;
  model?: string;
  tokens?: [number, number];
  error?: string;
  children?: Spec[];
}

const DIGESTS: Record<string, string> = { answer_ticket: "a41f93c2", classify_intent: "c07b1d55", retrieve: "5d20aa31", summarize: "09bc77e0" };
const TRACEBACK = (error: string) => `Traceback (most recent call last):
  File "support_bot/agent.py", line 88, in answer_ticket
    policy = get_policy(topic, timeout=2.0)
  File "support_bot/tools.py", line 41, in get_policy
    response.raise_for_status()
  File "httpx/_models.py", line 829, in raise_for_status
    raise HTTPStatusError(message, request=request, response=self)
${error}`;

/** Turns a tree of specs into calls, the times counted in ms from `startUs`. */
function grow(random: Random, spec: Spec, startUs: number, parent: CallDetail | null, out: CallDetail[], running = false): CallDetail {
  const ms = Math.floor(startUs / 1_000 + spec.at);
  const id = `${ms.toString(16).padStart(12, "0").replace(/^(.{8})/, "$1-")}-7${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`;
  const span = random.hex(16);
  const isRunning = running && (parent === null || spec.children !== undefined);
  const call: CallDetail = {
    id, trace_id: parent?.trace_id ?? random.hex(32), span_id: span, parent_span_id: parent?.span_id ?? null, parent_id: parent?.id ?? null, project: "local/support-bot",
    op_name: spec.op, op_digest: DIGESTS[spec.op] ?? null, display_name: null, kind: spec.kind,
    status: isRunning ? "running" : spec.error ? "error" : "success",
    start_us: startUs + spec.at * 1_000, end_us: isRunning ? null : startUs + (spec.at + spec.took) * 1_000,
    model: spec.model ?? null, input_tokens: spec.tokens?.[0] ?? null, output_tokens: spec.tokens?.[1] ?? null, turn_id: null, sum_tokens: null, sum_cost: null, cost_partial: false, estimated: false,
    error: spec.error ?? null, thread_id: null, reactions: [], scores: {},
    inputs: spec.inputs, output: isRunning || spec.error ? null : spec.output, exception: spec.error ? TRACEBACK(spec.error) : null,
    attributes: { env: "prod", release: "2026.11.3", weavelite: { process: 4121, host: "api-2" } },
    summary: spec.tokens ? { usage: { [spec.model ?? "model"]: { requests: 1, prompt_tokens: spec.tokens[0], completion_tokens: spec.tokens[1] } } } : {},
    otel: null, feedback: [], usage: [], cuts: [], sizes: {},
  };
  out.push(call);
  let sum = (spec.tokens?.[0] ?? 0) + (spec.tokens?.[1] ?? 0);
  for (const child of spec.children ?? []) sum += grow(random, child, startUs, call, out, isRunning).sum_tokens ?? 0;
  call.sum_tokens = sum > 0 ? sum : null;
  call.sum_cost = sum > 0 ? sum * 4e-7 : null;
  return call;
}

const SYSTEM = "You are the support agent of a small web shop. Answer in the language of the customer, be short, use the tools, and never promise what the policy does not allow.";

function ticketSpec(random: Random): Spec {
  const [question, intent, good, bad] = random.pick(EXAMPLES as [typeof EXAMPLES[number], ...typeof EXAMPLES]);
  const answer = random.next() > 0.3 ? good : bad;
  const fails = random.next() < 0.09;
  const first = random.between(1_400, 2_600);
  const policy = random.between(90, 640);
  const second = random.between(1_200, 3_400);
  const model = "claude-sonnet-4-5";
  const asked = [{ role: "system", content: SYSTEM }, { role: "user", content: question }];
  const toolCalls = [
    { id: "call_1", type: "function", function: { name: "list_charges", arguments: '{"customer": "c_88", "month": "2026-03"}' } },
    { id: "call_2", type: "function", function: { name: "get_policy", arguments: `{"topic": "${intent}"}` } },
  ];
  const assistant = { role: "assistant", content: null, tool_calls: toolCalls };
  const results = [
    { role: "tool", name: "list_charges", tool_call_id: "call_1", content: '[{"id": "ch_1", "amount": 12.0}, {"id": "ch_2", "amount": 12.0}]' },
    { role: "tool", name: "get_policy", tool_call_id: "call_2", content: "Two charges with the same description within 24 hours are a duplicate. Refund the later one without asking." },
  ];
  const t1 = 520 + first;
  const t2 = t1 + policy + 30;
  const error = "httpx.HTTPStatusError: Server error '503 Service Unavailable' for url 'http://policy.internal/v1/topics'";
  const loop: Spec[] = [
    { op: "chat.completions.create", kind: "llm", at: 530, took: first, model, tokens: [random.between(900, 3_200), random.between(60, 220)], inputs: { messages: asked, model, temperature: 0.2, tools: ["list_charges", "get_policy"] }, output: { id: "msg_01", choices: [{ index: 0, finish_reason: "tool_calls", message: assistant }] } },
    { op: "list_charges", kind: "tool", at: t1 + 2, took: 38, inputs: { customer: "c_88", month: "2026-03" }, output: [{ id: "ch_1", amount: 12 }, { id: "ch_2", amount: 12 }] },
    { op: "get_policy", kind: "tool", at: t1 + 4, took: policy, inputs: { topic: intent }, output: results[1]?.content, ...(fails ? { error } : {}), children: [
      { op: "http GET policy", kind: "op", at: t1 + 8, took: policy - 20, inputs: { url: "http://policy.internal/v1/topics" }, output: 200, ...(fails || random.next() < 0.15 ? { error } : {}) },
    ] },
    ...(fails ? [] : [{ op: "chat.completions.create", kind: "llm", at: t2, took: second, model, tokens: [random.between(1_900, 4_300), random.between(120, 420)] as [number, number], inputs: { messages: [...asked, assistant, ...results], model, temperature: 0.2 }, output: { id: "msg_02", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: answer } }] } }]),
  ];
  const took = fails ? t2 : t2 + second + 20;
  return {
    op: "answer_ticket", kind: "agent", at: 0, took, inputs: { question, customer: { id: "c_88", plan: "annual", since: "2023-04-02" } }, output: answer, ...(fails ? { error } : {}),
    children: [
      { op: "classify_intent", kind: "llm", at: 12, took: 412, model: "gpt-4.1-mini", tokens: [288, 23], inputs: { messages: [{ role: "user", content: `Which intent? ${question}` }] }, output: { role: "assistant", content: intent } },
      { op: "retrieve", kind: "retriever", at: 440, took: 60, inputs: { query: question, k: 5 }, output: Array.from({ length: 5 }, (_, i) => ({ page: `policy/${intent}/${i}`, score: Number((0.91 - i * 0.07).toFixed(2)) })), children: [
        { op: "embed", kind: "embedding", at: 442, took: 21, model: "text-embedding-3-small", tokens: [14, 0], inputs: { text: question }, output: { dimensions: 1_536 } },
        { op: "vector_search", kind: "tool", at: 466, took: 30, inputs: { k: 5 }, output: { hits: 5 } },
      ] },
      { op: "agent_loop", kind: "chain", at: 520, took: took - 524, inputs: { question, intent }, output: answer, ...(fails ? { error } : {}), children: loop },
    ],
  };
}

const summarizeSpec = (random: Random): Spec => ({
  op: "summarize", kind: "chain", at: 0, took: random.between(800, 1_600), inputs: { conversation: `[${random.between(8, 60)} messages]` },
  output: "Customer asks for a refund of a duplicate charge; the agent refunded the later one.\n\nOpen: **confirm** the date on which it arrives.",
  children: [{ op: "chat.completions.create", kind: "llm", at: 20, took: 700, model: "gpt-4.1-mini", tokens: [random.between(700, 4_000), 90], inputs: { messages: [{ role: "user", content: "Summarize this conversation." }] }, output: { role: "assistant", content: "Customer asks for a refund of a duplicate charge." } }],
});

function addScores(random: Random, call: CallDetail) {
  if (call.status !== "success" || call.op_name !== "answer_ticket" || random.next() < 0.25) return;
  call.scores = { correct: Number((random.next() > 0.25 ? 1 : 0).toFixed(1)), ...(random.next() > 0.5 ? { polite: random.next() > 0.2 } : {}) };
  if (random.next() > 0.85) call.reactions = [random.pick(["👍", "👎", "❤️"])];
  call.feedback = [
    ...Object.entries(call.scores).map(([name, output]) => ({ id: random.hex(8), call_id: call.id, type: `wandb.runnable.${name}`, payload: { output }, creator: "LLMJudge", created_us: call.start_us + 9_000_000 })),
    ...call.reactions.map((emoji) => ({ id: random.hex(8), call_id: call.id, type: "wandb.reaction.1", payload: { emoji }, creator: "ada", created_us: call.start_us + 60_000_000 })),
  ];
}

export function makeTrace(random: Random, startUs: number, running = false): CallDetail[] {
  const out: CallDetail[] = [];
  const root = grow(random, random.next() > 0.18 ? ticketSpec(random) : summarizeSpec(random), startUs, null, out, running);
  addScores(random, root);
  return out;
}

/** One trace of `n` calls, to see that large traces open. */
export function makeLargeTrace(random: Random, startUs: number, n: number): CallDetail[] {
  const out: CallDetail[] = [];
  const pages = Array.from({ length: Math.floor(n / 3) }, (_, i): Spec => ({
    op: "crawl_page", kind: "op", at: 10 + i * 6, took: 5, inputs: { page: i }, output: i,
    children: [
      { op: "http GET page", kind: "tool", at: 10 + i * 6, took: 3, inputs: { page: i }, output: 200 },
      { op: "embed", kind: "embedding", at: 14 + i * 6, took: 1, tokens: [120, 0], inputs: { page: i }, output: 1_536 },
    ],
  }));
  grow(random, { op: "crawl_site", kind: "chain", at: 0, took: 20 + pages.length * 6, inputs: { site: "docs.example" }, output: `${pages.length} pages`, children: pages }, startUs, null, out);
  return out;
}
