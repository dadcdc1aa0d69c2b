import { type ReactNode, useMemo, useState } from "react";

import type { Conversation } from "@/lib/conversation";
import type { Cut, ValueParts } from "@/lib/cuts";

import { type MessageRests, MessageRestsOf } from "./message-rest";

interface Props {
  /** How more of a call is read. */
  partsOf: (callId: string) => ValueParts;
  conversation: Pick<Conversation, "inside" | "places">;
  children: ReactNode;
}

interface Read {
  text: string;
  /** Where the next part begins; null when there is none. */
  next: number | null;
  isBusy: boolean;
  error: Error | null;
}

/** What is large in a conversation is read on where it stands: messages stay what they are, since they are known again by what is here of them. */
export function SpokenRests({ partsOf, conversation: { inside, places }, children }: Props) {
  const [read, setRead] = useState<ReadonlyMap<string, Read>>(new Map());
  const value = useMemo((): MessageRests => {
    const restOf = (cut: Cut) => {
      const callId = places.get(cut)?.callId ?? "";
      const key = [callId, ...cut.path].join(" ");
      const parts = partsOf(callId);
      const known = read.get(key) ?? { text: "", next: cut.next, isBusy: false, error: null };
      const note = (now: Partial<Read>) => { setRead((all) => new Map(all).set(key, { ...known, ...now })); };
      const load = () => {
        if (known.isBusy || known.next === null) return;
        note({ isBusy: true, error: null });
        parts.read(cut.path, known.next).then(
          (part) => { note({ text: known.text + part.text, next: part.next, isBusy: false }); },
          (error: unknown) => { note({ isBusy: false, error: error instanceof Error ? error : new Error(String(error)) }); },
        );
      };
      return { total: cut.total, text: known.text, entries: [], load, isBusy: known.isBusy, error: known.error, href: parts.hrefOf(cut.path) };
    };
    return { inside, startOf: (cut) => places.get(cut)?.start, restOf, isJoined: false };
  }, [partsOf, inside, places, read]);
  return <MessageRestsOf value={value}>{children}</MessageRestsOf>;
}
