import { type Cut, type Held, wayTo } from "./cuts";
import type { Message } from "./messages";

/** Where messages are cut. */
export interface MessageCuts {
  /** What is cut in a message. */
  inside: ReadonlyMap<Message, readonly Cut[]>;
  /** The lists of which a message is the last that is here. */
  after: ReadonlyMap<Message, readonly Cut[]>;
  /** What is cut, but in no message. */
  others: readonly Cut[];
}

/** Finds for each cut of a call the message that it is in: the innermost that was read from something on the way to it. */
export function placeCuts({ bodies, cuts }: Held, messages: readonly Message[]): MessageCuts {
  const bySource = new Map<unknown, Message>(messages.flatMap((message) => message.sources.map((source): [unknown, Message] => [source, message])));
  const inside = new Map<Message, Cut[]>();
  const after = new Map<Message, Cut[]>();
  const others: Cut[] = [];
  for (const cut of cuts) {
    const way = wayTo(bodies, cut.path);
    const value = way.at(-1);
    const owner = bySource.get(way.findLast((each) => bySource.has(each))) ?? (typeof value === "string" ? messages.find((message) => message.sources.length === 0 && message.text === value) : undefined);
    const last = owner === undefined && Array.isArray(value) ? bySource.get(value.at(-1)) : undefined;
    if (owner !== undefined) inside.set(owner, [...(inside.get(owner) ?? []), cut]);
    else if (last !== undefined) after.set(last, [...(after.get(last) ?? []), cut]);
    else others.push(cut);
  }
  return { inside, after, others };
}

/** Messages of which it is not known whether an earlier turn had them: those that are cut, and those behind a gap, whose place is not known. */
export function unsure(messages: readonly Message[], { inside, after }: MessageCuts): ReadonlySet<Message> {
  const gap = messages.findIndex((message) => after.has(message));
  return new Set(messages.filter((message, i) => inside.has(message) || (gap >= 0 && i > gap)));
}
