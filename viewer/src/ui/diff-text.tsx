import { useMemo, useState } from "react";

import { formatCount } from "@/lib/number";
import { type DiffPart, wordDiff } from "@/lib/word-diff";

import styles from "./diff-text.module.css";
import { LongText } from "./long-text";

interface Props {
  before: string;
  after: string;
  /** Which of the two texts this is: the old one shows what went, the new one what came. */
  side: "before" | "after" | "both";
}

/** Texts that are longer together are drawn around what differs; the rest comes at a click. */
const LONG = 40_000;
const AROUND = 300;
const STEP = 200;

export function DiffText({ before, after, side }: Props) {
  const parts = useMemo(() => wordDiff(before, after), [before, after]);
  const hidden = side === "before" ? "added" : side === "after" ? "removed" : null;
  const shown = parts.filter((part) => part.kind !== hidden);
  return (
    <span className={styles.text}>
      {before.length + after.length > LONG ? <LongParts parts={shown} /> : shown.map((part, i) => <Marked key={i} kind={part.kind}>{part.text}</Marked>)}
    </span>
  );
}

function Marked({ kind, children }: { kind: DiffPart["kind"]; children: React.ReactNode }) {
  return kind === "removed" ? <del>{children}</del> : kind === "added" ? <ins>{children}</ins> : children;
}

function LongParts({ parts }: { parts: readonly DiffPart[] }) {
  const [most, setMost] = useState(STEP);
  const left = parts.length - most;
  return (
    <>
      {parts.slice(0, most).map((part, i) => part.kind === "same" ? <Same key={i} text={part.text} isFirst={i === 0} isLast={i === parts.length - 1} /> : <Marked key={i} kind={part.kind}><LongText text={part.text} fold={20_000} /></Marked>)}
      {left > 0 && <button type="button" className={styles.more} onClick={() => { setMost(most + 5 * STEP); }}>Show {formatCount(Math.min(left, 5 * STEP))} more of {formatCount(parts.length)} passages</button>}
    </>
  );
}

/** Of what is the same only the ends are drawn at first that are near to what differs. */
function Same({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const start = isFirst ? 0 : AROUND;
  const end = Math.max(text.length - (isLast ? 0 : AROUND), start);
  if (isOpen) return <LongText text={text} fold={100_000} />;
  if (end - start < 2 * AROUND) return text;
  return <>{text.slice(0, start)}<button type="button" className={styles.more} aria-expanded={false} onClick={() => { setOpen(true); }}>… {formatCount(end - start)} characters the same …</button>{text.slice(end)}</>;
}
