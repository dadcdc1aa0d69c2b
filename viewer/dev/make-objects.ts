import { type Random } from "./random.ts";
import { EXAMPLES, type MockObject, type MockOp, type MockStore } from "./store.ts";

const DAY_US = 86_400_000_000;
const CODE = `import weavelite

POLICY = "Two charges within 24 hours are a duplicate."


@weavelite.op(kind="agent")
def answer_ticket(question: str, customer: dict) -> str:
    """Answer one ticket of a customer, with tools."""
    intent = classify_intent(question)
    pages = retrieve(question, k=5)  # at most five pages
    if intent == "billing.duplicate" and len(pages) > 3:
        return f"{POLICY} See {pages[0]['page']}."
    return agent_loop(question, intent, timeout=2.0)
`;

const ref = (name: string, digest: string) => `weave:///local/support-bot/object/${name}:${digest}`;

export function makeOps(random: Random, nowUs: number): MockOp[] {
  const kinds: [string, string, number][] = [
    ["answer_ticket", "agent", 3], ["agent_loop", "chain", 1], ["chat.completions.create", "llm", 1], ["classify_intent", "llm", 2], ["embed", "embedding", 1],
    ["get_policy", "tool", 2], ["list_charges", "tool", 1], ["retrieve", "retriever", 1], ["summarize", "chain", 1], ["Judge.score", "scorer", 1],
  ];
  return kinds.map(([name, kind, versions]) => ({
    name, kind,
    versions: Array.from({ length: versions }, (_, i) => ({
      digest: i === 0 && name === "answer_ticket" ? "a41f93c2" : random.hex(8), version: versions - 1 - i, created_us: nowUs - (i + 1) * DAY_US, calls: random.between(20, 180),
      code: i === 0 ? CODE.replaceAll("answer_ticket", name.replace(/\W/g, "_")) : CODE.replace("timeout=2.0", "timeout=10.0").replace("  # at most five pages", ""),
    })),
  }));
}

export function addObjects(random: Random, store: MockStore, nowUs: number) {
  const rows = Array.from({ length: 120 }, (_, index) => {
    const [question, intent, expected] = EXAMPLES[index % EXAMPLES.length] ?? ["", "", "", ""];
    return { index, digest: random.hex(12), value: { id: `T-${2_200 + index}`, question, expected, intent, language: question.startsWith("Wo") ? "de" : "en" } };
  });
  store.tables.set("tab120", rows);
  store.tables.set("tab96", rows.slice(0, 96));
  const add = (name: string, kind: string, class_name: string, values: unknown[], aliases: string[][] = [], tables: [string, number][] = []) => {
    const versions: MockObject["versions"] = values.map((value, i) => ({
      digest: random.hex(16), version: i, created_us: nowUs - (values.length - i) * 2 * DAY_US, aliases: i === values.length - 1 ? ["latest", ...(aliases[i] ?? [])] : (aliases[i] ?? []),
      value, table: tables[i] ? { digest: tables[i][0], rows: tables[i][1] } : null,
    }));
    store.objects.push({ name, kind, class_name, versions: versions.reverse() });
    return versions[0]?.digest ?? "";
  };
  const prompt = add("support-system", "Prompt", "StringPrompt", [
    { content: "You are a support agent." }, { content: "You are the support agent of a small web shop. Be short." },
    { content: "You are the support agent of a small web shop. Answer in the language of the customer, be short, use the tools, and never promise what the policy does not allow." },
  ], [[], ["production"]]);
  add("support-bot", "Model", "SupportBot", [
    { model: "gpt-4.1-mini", temperature: 0.7, prompt: ref("support-system", prompt), tools: ["list_charges"], few_shot: [] },
    { model: "claude-sonnet-4-5", temperature: 0.2, prompt: ref("support-system", prompt), predict: "weave:///local/support-bot/op/answer_ticket:a41f93c2", tools: ["list_charges", "get_policy"], few_shot: [{ question: "Charged twice", answer: "Refund the later charge." }] },
  ], [["production"]]);
  const dataset = add("tickets", "Dataset", "Dataset", [{ name: "tickets", description: "Tickets of March, checked by hand", rows: "96 rows" }, { name: "tickets", description: "Tickets of March, checked by hand", rows: "120 rows" }], [], [["tab96", 96], ["tab120", 120]]);
  const judge = add("judge", "Scorer", "LLMJudge", [{ model: "gpt-4.1", rubric: "Is the reply correct by the policy? Answer yes or no.", votes: 3 }]);
  add("support-quality", "Evaluation", "Evaluation", [{ dataset: ref("tickets", dataset), scorers: [ref("judge", judge), "weave:///local/support-bot/op/exact_match:77aa01bc"], trials: 1 }]);
  add("labels", "object", "dict", [{ "billing.duplicate": "A charge that came twice", "order.refund": "Money back for an order" }]);
}
