import { useMemo } from "react";

import { wordDiff } from "@/lib/word-diff";

import styles from "./diff-text.module.css";

interface Props {
  before: string;
  after: string;
  /** Which of the two texts this is: the old one shows what went, the new one what came. */
  side: "before" | "after" | "both";
}

export function DiffText({ before, after, side }: Props) {
  const parts = useMemo(() => wordDiff(before, after), [before, after]);
  const hidden = side === "before" ? "added" : side === "after" ? "removed" : null;
  return (
    <span className={styles.text}>
      {parts.filter((part) => part.kind !== hidden).map((part, i) => {
        if (part.kind === "removed") return <del key={i}>{part.text}</del>;
        return part.kind === "added" ? <ins key={i}>{part.text}</ins> : part.text;
      })}
    </span>
  );
}
