import { useMemo, useState } from "react";

import { type Cut, type Held, isCutIn, type ValueParts, wayTo, withPart } from "@/lib/cuts";
import { placeCuts, unsure } from "@/lib/message-cuts";
import { extractMessages, type Message } from "@/lib/messages";
import { isObject } from "@/lib/json";

import { CutNotes, MessageRestsOf } from "./message-rest";
import { MessagesView } from "./messages-view";
import { type Rest, useValueParts } from "./value-parts";

interface Props {
  call: { inputs: unknown; output: unknown; cuts: readonly Cut[] };
  before?: readonly Message[];
}

const NONE: readonly Message[] = [];

/** The messages of a call: what is large of them comes in parts, as everywhere, and each part is put where it belongs. */
export function HeldMessages({ call, before = NONE }: Props) {
  const parts = useValueParts();
  const { held, restOf } = useHeld(call, parts);
  const messages = useMemo(() => (isObject(held.bodies) ? (extractMessages(held.bodies["inputs"], held.bodies["output"]) ?? []) : []), [held]);
  const cuts = useMemo(() => placeCuts(held, messages), [held, messages]);
  const open = useMemo(() => unsure(messages, cuts), [messages, cuts]);
  if (parts === null) return <MessagesView messages={messages} before={before} />;
  return (
    <MessageRestsOf value={{ inside: cuts.inside, startOf: (cut) => wayTo(held.bodies, cut.path).at(-1), restOf, isJoined: true }}>
      <CutNotes cuts={cuts.others} />
      <MessagesView messages={messages} before={before} unsure={open} gaps={cuts.after} />
    </MessageRestsOf>
  );
}

interface Read {
  call: Props["call"];
  held: Held;
}

const startOf = (call: Props["call"]): Held => ({ bodies: { inputs: call.inputs, output: call.output }, cuts: call.cuts.filter((cut) => isCutIn([cut], ["inputs"]) || isCutIn([cut], ["output"])) });

/** What has been read of a call so far. */
function useHeld(call: Props["call"], parts: ValueParts | null) {
  const [read, setRead] = useState<Read | null>(null);
  const [busy, setBusy] = useState<Cut | null>(null);
  const [failed, setFailed] = useState<{ cut: Cut; error: Error } | null>(null);
  const start = useMemo(() => startOf(call), [call]);
  const held = read?.call === call ? read.held : start;
  const load = (cut: Cut) => {
    if (busy !== null || parts === null) return;
    setBusy(cut);
    setFailed(null);
    parts.read(cut.path, cut.next)
      .then((part) => { setRead({ call, held: withPart(held, cut, part) }); }, (error: unknown) => { setFailed({ cut, error: error instanceof Error ? error : new Error(String(error)) }); })
      .finally(() => { setBusy(null); });
  };
  const restOf = (cut: Cut): Rest => ({
    total: cut.total, text: "", entries: [], load: () => { load(cut); },
    isBusy: busy === cut, error: failed?.cut === cut ? failed.error : null, href: parts?.hrefOf(cut.path) ?? "",
  });
  return { held, restOf };
}
