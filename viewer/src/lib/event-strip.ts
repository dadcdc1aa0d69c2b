import type { TreeCall } from "./tree";

export interface Event<T> {
  lane: "error" | "llm" | "tool";
  call: T;
  left: number;
  width: number;
  count: number;
}

/** In how many pieces of time events are told apart. */
const PIECES = 240;

/** Errors, calls of models and of tools over time, in per cent; those at one place are one event, of the longest call. */
export function eventsOf<T extends TreeCall & { kind: string; status: string }>(calls: readonly T[], bounds: { start: number; total: number }, nowUs: number): Event<T>[] {
  const lanes: Record<Event<T>["lane"], Event<T>[]> = { error: [], llm: [], tool: [] };
  const least = 100 / PIECES;
  const add = (lane: Event<T>["lane"], call: T) => {
    const to = call.end_us ?? nowUs;
    // An error is the moment in which it was raised.
    const from = lane === "error" ? to : call.start_us;
    const left = Math.min(((from - bounds.start) / bounds.total) * 100, 100 - least);
    const width = Math.max(((to - from) / bounds.total) * 100, least);
    const events = lanes[lane];
    const last = events.at(-1);
    if (last !== undefined && left < last.left + least && width < 2 * least && last.width < 4 * least) {
      last.width = Math.max(last.width, left + width - last.left);
      last.count += 1;
      if (lane === "error" ? raisedBefore(call, last.call) : lengthOf(call, nowUs) > lengthOf(last.call, nowUs)) last.call = call;
    } else events.push({ lane, call, left, width, count: 1 });
  };
  for (const call of calls) {
    if (call.status === "error") add("error", call);
    if (call.kind === "llm" || call.kind === "tool") add(call.kind, call);
  }
  return [...lanes.error, ...lanes.llm, ...lanes.tool];
}

/** Of errors at one moment the one that began last was raised first: the others let it pass. */
const raisedBefore = (a: TreeCall, b: TreeCall) => a.start_us > b.start_us;

const lengthOf = (call: TreeCall, nowUs: number) => (call.end_us ?? nowUs) - call.start_us;
