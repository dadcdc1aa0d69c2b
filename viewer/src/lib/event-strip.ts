import type { TreeCall } from "./tree";

export interface Event<T> {
  lane: "error" | "llm" | "tool";
  call: T;
  left: number;
  width: number;
  count: number;
}

const LANES = ["error", "llm", "tool"] as const;
/** In how many pieces of time events are told apart. */
const PIECES = 240;

/** Errors, calls of models and of tools over time, in per cent; those at one place are one event, of the longest call. */
export function eventsOf<T extends TreeCall & { kind: string; status: string }>(calls: readonly T[], bounds: { start: number; total: number }, nowUs: number): Event<T>[] {
  const lanes = new Map<string, Event<T>[]>(LANES.map((lane) => [lane, []]));
  const least = 100 / PIECES;
  for (const call of calls) {
    const isBad = call.status === "error";
    for (const lane of [isBad ? "error" : null, call.kind === "llm" || call.kind === "tool" ? call.kind : null] as const) {
      if (lane === null) continue;
      // An error is the moment in which it was raised.
      const [from, to] = [lane === "error" ? (call.end_us ?? nowUs) : call.start_us, call.end_us ?? nowUs];
      const left = Math.min(((from - bounds.start) / bounds.total) * 100, 100 - least);
      const width = Math.max(((to - from) / bounds.total) * 100, least);
      const events = lanes.get(lane) ?? [];
      const last = events.at(-1);
      if (last !== undefined && left < last.left + least && width < 2 * least && last.width < 4 * least) {
        last.width = Math.max(last.width, left + width - last.left);
        last.count += 1;
        if (lane === "error" ? raisedBefore(call, last.call) : lengthOf(call, nowUs) > lengthOf(last.call, nowUs)) last.call = call;
      } else events.push({ lane, call, left, width, count: 1 });
    }
  }
  return [...lanes.values()].flat();
}

/** Of errors at one moment the one that began last was raised first: the others let it pass. */
const raisedBefore = (a: TreeCall, b: TreeCall) => a.start_us > b.start_us;

const lengthOf = (call: TreeCall, nowUs: number) => (call.end_us ?? nowUs) - call.start_us;
