import type { Body } from "./bodies";
import { Conversation, type Line, type Spoken, type SpokenCall } from "./conversation";
import { buildForest, visibleRows } from "./tree";

const SPEAKING = new Set(["llm", "tool", "agent"]);

/** The calls of a trace that say something in one turn of it, depth first; the turn is at depth 0. */
export function callsOfTurn<T extends SpokenCall>(calls: readonly T[], span: string): Spoken<T>[] {
  const whole = visibleRows(buildForest(calls), new Set());
  const from = whole.findIndex(({ call }) => call.span_id === span);
  const top = whole[from];
  if (top === undefined) return [];
  return whole.slice(from, from + 1 + top.below).map(({ call, depth }) => ({ call, depth: depth - top.depth })).filter(({ call, depth }) => depth === 0 || SPEAKING.has(call.kind));
}

interface Read {
  id: string;
  nodes: readonly Spoken<SpokenCall>[];
  bodies: readonly Body[];
}

/** What each turn says that none before it said, oldest first. */
export function readTurns(turns: readonly Read[]): { lines: ReadonlyMap<string, Line[]>; conversation: Conversation } {
  const conversation = new Conversation();
  const lines = new Map(turns.map((turn) => {
    const from = conversation.lines.length;
    conversation.add(turn.nodes, new Map(turn.bodies.map((body) => [body.id, body])));
    return [turn.id, conversation.lines.slice(from)];
  }));
  return { lines, conversation };
}

interface Placed {
  id: string;
  /** The id of the newest call, by which threads are ordered. */
  newest: string;
}

/**
 * Threads in the order that they had when reading began, and how many have moved up since or are new.
 * Figures are those of now, and threads that were older then may still be added below.
 */
export function holdOrder<T extends Placed>(rows: readonly T[], held: ReadonlyMap<string, string> | null): { shown: readonly T[]; waiting: number } {
  if (held === null) return { shown: rows, waiting: 0 };
  const began = [...held.values()].reduce((a, b) => (a > b ? a : b), "");
  const placed = rows.map((row) => ({ row, at: held.get(row.id) ?? row.newest })).filter(({ row, at }) => held.has(row.id) || at <= began);
  const shown = placed.sort((a, b) => (a.at < b.at ? 1 : -1)).map(({ row }) => row);
  return { shown, waiting: rows.filter((row) => row.newest > began && row.newest !== held.get(row.id)).length };
}
