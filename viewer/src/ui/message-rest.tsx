import { createContext, type ReactNode, useContext } from "react";

import type { Cut } from "@/lib/cuts";
import type { Message } from "@/lib/messages";
import { formatCount } from "@/lib/number";

import styles from "./json-view.module.css";
import { type Rest, RestNote } from "./value-parts";

/** Where messages are cut, and how more of what is cut is read. */
export interface MessageRests {
  inside: ReadonlyMap<Message, readonly Cut[]>;
  /** What is here of what is cut. */
  startOf: (cut: Cut) => unknown;
  restOf: (cut: Cut) => Rest;
  /** Whether what is read is put in its place, whatever it is; else only texts are read on. */
  isJoined: boolean;
}

const Rests = createContext<MessageRests | null>(null);

export const MessageRestsOf = Rests.Provider;

const NONE: readonly Cut[] = [];

/** What is cut in a message: the rest of its text, and whatever else. */
export function useMessageRest(message: Message): { rest: Rest | undefined; others: readonly Cut[] } {
  const rests = useContext(Rests);
  return restOfText(rests, rests?.inside.get(message) ?? NONE, message.text);
}

/** The same of what a tool gave back. */
export function useOutputRest(cuts: readonly Cut[], output: unknown): { rest: Rest | undefined; others: readonly Cut[] } {
  const rests = useContext(Rests);
  return restOfText(rests, cuts, output);
}

function restOfText(rests: MessageRests | null, cuts: readonly Cut[], text: unknown) {
  const [cut, ...more] = cuts;
  const start = cut === undefined ? undefined : rests?.startOf(cut);
  const isText = more.length === 0 && typeof text === "string" && typeof start === "string" && start !== "" && text.endsWith(start);
  if (rests === null || cut === undefined || !isText) return { rest: undefined, others: cuts };
  return { rest: { ...rests.restOf(cut), total: text.length + cut.total - cut.next }, others: NONE };
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
            {rests.isJoined && <button type="button" className={styles.more} onClick={rests.restOf(cut).load}>Show more of {formatCount(cut.total)}</button>}
            <RestNote rest={rests.restOf(cut)} />
          </p>
        );
      })}
      {cuts.length > MOST && <p className={styles.cut}>{formatCount(cuts.length - MOST)} more places are shown in part: Input and Output have all of them.</p>}
    </>
  );
}
