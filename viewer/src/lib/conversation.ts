import type { Body } from "./bodies";
import { type Cut, isCutIn, wayTo } from "./cuts";
import { isObject } from "./json";
import { placeCuts } from "./message-cuts";
import { extractTurn, type Message, messageKey, stepAnswered, stepsOf, type ToolStep } from "./messages";
import type { TreeCall } from "./tree";

export interface SpokenCall extends TreeCall {
  kind: string;
  op_name: string;
  display_name: string | null;
  error: string | null;
  status: string;
}

/** A call where it stands in the tree. */
export interface Spoken<T extends SpokenCall> {
  call: T;
  depth: number;
}

interface Place {
  callId: string;
  /** The nested agents in which it was said, the outermost first. */
  within: readonly string[];
}

export type Line = Place & (
  | { kind: "message"; message: Message; steps: ToolStep[] }
  | { kind: "tool"; name: string; inputs: unknown; output: unknown; error: string | null; cuts: readonly Cut[] }
  | { kind: "agent"; name: string; lines: number; error: string | null }
  | { kind: "error"; name: string; error: string });

/** The calls whose bodies a conversation is read from; a trace without models is what its roots were asked and answered. */
export function spokenCalls<T extends SpokenCall>(nodes: readonly Spoken<T>[]): T[] {
  const spoken = nodes.filter(({ call }) => call.kind === "llm" || call.kind === "tool");
  return (spoken.some(({ call }) => call.kind === "llm") ? spoken : nodes.filter((node) => node.depth === 0)).map((node) => node.call);
}

/** The call that holds what is cut, and what is here of it. */
export interface CutPlace {
  callId: string;
  start: unknown;
}

/** Reads traces as one dialogue, each message once, although each turn of a chat repeats those before it. */
export class Conversation {
  readonly lines: Line[] = [];
  /** What is cut in a message. */
  readonly inside = new Map<Message, readonly Cut[]>();
  readonly places = new Map<Cut, CutPlace>();
  private readonly told = new Map<string, number>();
  /** What was said in the turn that is being read. */
  private fresh = new Set<string>();
  private isAsked = false;
  private steps: ToolStep[] = [];

  /** Reads a turn. `nodes` come depth first, as they stand in the tree; calls without a body say nothing. */
  add<T extends SpokenCall>(nodes: readonly Spoken<T>[], bodies: ReadonlyMap<string, Body>) {
    this.fresh = new Set();
    this.isAsked = false;
    const agents: Spoken<T>[] = [];
    const headers = new Map<string, Extract<Line, { kind: "agent" }>>();
    for (const node of nodes) {
      while (agents.length > 0 && (agents.at(-1)?.depth ?? 0) >= node.depth) agents.pop();
      const before = this.lines.length;
      const within = agents.map((agent) => agent.call.id);
      this.hear(node, { callId: node.call.id, within }, bodies.get(node.call.id));
      for (const id of within) {
        const header = headers.get(id);
        if (header) header.lines += this.lines.length - before;
      }
      if (node.call.kind === "agent" && node.depth > 0) {
        const header = { kind: "agent" as const, callId: node.call.id, within, name: nameOf(node.call), lines: 0, error: node.call.error };
        this.runs(node.call);
        this.lines.push(header);
        headers.set(node.call.id, header);
        agents.push(node);
      }
    }
  }

  private hear({ call, depth }: Spoken<SpokenCall>, place: Place, body: Body | undefined) {
    if (body === undefined || call.kind === "agent" && depth > 0) return;
    for (const cut of body.cuts ?? []) this.places.set(cut, { callId: call.id, start: wayTo(body, cut.path).at(-1) });
    if (call.kind === "tool") { this.hearTool(call, place, body); return; }
    const turn = extractTurn(body.inputs, body.output);
    const [plainly, answer] = [questionOf(body), answerOf(call, body)];
    const asked = turn?.asked.length ? turn.asked : plainly;
    const answered = turn?.answered.length ? turn.answered : turn === null ? answer : [];
    this.noteCuts(body, asked, answered, { inputs: asked === plainly ? plainly[0] : undefined, output: answered === answer ? answer[0] : undefined });
    this.hearMessages(asked, answered, place);
    if (call.error !== null) this.lines.push({ ...place, kind: "error", name: nameOf(call), error: call.error });
  }

  /** `plain` says which message a body that is no chat was read as. */
  private noteCuts(body: Body, asked: readonly Message[], answered: readonly Message[], plain: { inputs: Message | undefined; output: Message | undefined }) {
    if (!body.cuts?.length) return;
    const { inside, after, others } = placeCuts({ bodies: body, cuts: body.cuts }, [...asked, ...answered]);
    const rest = [plain.inputs, plain.output].map((message, i): [Message | undefined, Cut[]] => [message, others.filter((cut) => isCutIn([cut], [i === 0 ? "inputs" : "output"]))]);
    for (const [message, cuts] of [...inside, ...after, ...rest]) if (message !== undefined && cuts.length > 0) this.inside.set(message, [...(this.inside.get(message) ?? []), ...cuts]);
  }

  /** What is cut is told apart by all of it. */
  private keyOf(message: Message) {
    return [messageKey(message), ...(this.inside.get(message) ?? []).map((cut) => cut.digest)].join(" ");
  }

  private hearMessages(asked: readonly Message[], answered: readonly Message[], place: Place) {
    const counts = new Map<string, number>();
    const isRepeated = (message: Message) => {
      const key = this.keyOf(message);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count <= (this.told.get(key) ?? 0);
    };
    // The same words may be said twice: only as often as they were heard before are they a repetition.
    const heard = asked.map((message) => ({ message, isNew: !isRepeated(message) }));
    // A turn whose calls do not repeat the history may ask in the words of an earlier one: what it asks last is then new.
    if (!this.isAsked && !heard.some(({ message, isNew }) => isNew && isAsking(message))) heard.filter(({ message }) => isAsking(message)).slice(-1).forEach((last) => { last.isNew = true; });
    for (const { message, isNew } of heard) if (isNew) this.hearNew(message, place);
    for (const message of answered) if (!isRepeated(message) || !this.fresh.has(this.keyOf(message))) this.hearNew(message, place);
    for (const [key, count] of counts) this.told.set(key, Math.max(this.told.get(key) ?? 0, count));
  }

  private hearNew(message: Message, place: Place) {
    const key = this.keyOf(message);
    this.told.set(key, (this.told.get(key) ?? 0) + 1);
    this.fresh.add(key);
    if (isAsking(message)) this.isAsked = true;
    this.say(message, place);
  }

  private say(message: Message, place: Place) {
    if (message.role === "tool") {
      const step = stepAnswered(this.steps, message);
      if (step !== undefined) { step.result = message; return; }
    }
    const steps = stepsOf(message);
    this.steps.push(...steps);
    this.lines.push({ ...place, kind: "message", message, steps });
  }

  private runs(call: SpokenCall): ToolStep | undefined {
    const step = this.steps.find((each) => each.callId === null && each.result === null && [call.op_name, call.display_name, call.op_name.split(".").at(-1)].includes(each.call.name));
    if (step) step.callId = call.id;
    return step;
  }

  private hearTool(call: SpokenCall, place: Place, body: Body) {
    const step = this.runs(call);
    const cuts = body.cuts ?? [];
    if (step) Object.assign(step, { output: body.output, error: call.error, cuts: cuts.filter((cut) => isCutIn([cut], ["output"])) });
    else this.lines.push({ ...place, kind: "tool", name: nameOf(call), inputs: body.inputs, output: body.output, error: call.error, cuts });
  }
}

const isAsking = (message: Message) => message.role === "user";

const nameOf = (call: SpokenCall) => call.display_name ?? call.op_name;

/** What a call that is no chat was asked: its inputs. */
function questionOf(body: Body): Message[] {
  const asked = isObject(body.inputs) ? Object.entries(body.inputs).filter(([name]) => name !== "self") : [];
  if (asked.length === 0) return [];
  return [spoken("user", asked.length === 1 ? asked[0]?.[1] : Object.fromEntries(asked))];
}

const answerOf = (call: SpokenCall, body: Body): Message[] => (call.error !== null || call.status !== "success" ? [] : [spoken("assistant", body.output)]);

const spoken = (role: string, value: unknown): Message =>
  ({ role, name: null, text: typeof value === "string" ? value : "", reasoning: "", toolCalls: [], answers: null, others: typeof value === "string" ? [] : [value], sources: typeof value === "object" && value !== null ? [value] : [] });
