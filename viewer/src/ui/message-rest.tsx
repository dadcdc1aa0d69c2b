import { createContext, type ReactNode, useContext } from "react";

import { type Cut, type Held, wayTo } from "@/lib/cuts";
import type { MessageCuts } from "@/lib/message-cuts";
import type { Message } from "@/lib/messages";
import { formatCount } from "@/lib/number";

import styles from "./json-view.module.css";
import { type Rest, RestNote } from "./value-parts";

/** Where messages are cut, and how more of what is cut is read. */
export interface MessageRests {
  held: Held;
  cuts: MessageCuts;
  load: (cut: Cut) => void;
  hrefOf: (path: readonly string[]) => string;
  busy: Cut | null;
  failed: { cut: Cut; error: Error } | null;
}

const Rests = createContext<MessageRests | null>(null);

export const MessageRestsOf = Rests.Provider;

const NONE: readonly Cut[] = [];

/** What is cut in a message: the rest of its text, and whatever else. */
export function useMessageRest(message: Message): { rest: Rest | undefined; others: readonly Cut[] } {
  const rests = useContext(Rests);
  const cuts = rests?.cuts.inside.get(message) ?? NONE;
  const [cut, ...more] = cuts;
  const start = cut === undefined || rests === null ? undefined : wayTo(rests.held.bodies, cut.path).at(-1);
  const isText = more.length === 0 && typeof start === "string" && start !== "" && message.text.endsWith(start);
  if (rests === null || cut === undefined || !isText) return { rest: undefined, others: cuts };
  return { rest: restOf(rests, cut, message.text.length + cut.total - cut.next), others: NONE };
}

function restOf(rests: MessageRests, cut: Cut, total: number): Rest {
  return {
    total, text: "", entries: [],
    load: () => { rests.load(cut); },
    isBusy: rests.busy === cut,
    error: rests.failed?.cut === cut ? rests.failed.error : null,
    href: rests.hrefOf(cut.path),
  };
}

/** So many are listed; those behind them are, once these are read. */
const MOST = 5;

/** Says what is cut and how much of it, with the way to more. */
export function CutNotes({ cuts }: { cuts: readonly Cut[] }): ReactNode {
  const rests = useContext(Rests);
  if (rests === null || cuts.length === 0) return null;
  return (
    <>
      {cuts.slice(0, MOST).map((cut) => {
        const unit = cut.kind === "text" ? "characters" : cut.kind === "list" ? "items" : "fields";
        return (
          <p key={cut.path.join("/")} className={styles.cut} role="note">
            <code>{cut.path.join(".")}</code> has {formatCount(cut.total)} {unit}, of which {formatCount(cut.next)} are here.{" "}
            <button type="button" className={styles.more} disabled={rests.busy !== null} onClick={() => { rests.load(cut); }}>Show more of {formatCount(cut.total)}</button>
            <RestNote rest={restOf(rests, cut, cut.total)} />
          </p>
        );
      })}
      {cuts.length > MOST && <p className={styles.cut}>{formatCount(cuts.length - MOST)} more places are shown in part: Input and Output have all of them.</p>}
    </>
  );
}
