import { useState } from "react";

import { plural } from "@/lib/number";

import { DiffText } from "./diff-text";
import styles from "./folded-diff.module.css";

/** So many characters fill the lines that are in sight while a text is folded. */
const START = 2_000;

interface Props {
  text: string;
  /** What the text is compared with, if with anything. */
  against: string | undefined;
  /** Which of the two the text is; with `both`, what went from the other is shown in it as well. */
  side: "before" | "after" | "both";
  /** A longer text is folded. */
  most: number;
}

/** A text with what differs marked. A long one is folded to a few lines, and unfolds wholly: nothing is cut, so that searching the page finds it once open. */
export function FoldedDiff({ text, against, side, most }: Props) {
  const [isOpen, setOpen] = useState(false);
  if (text.length <= most) return <Compared text={text} against={against} side={side} />;
  // Of a folded text only the start is compared: all of it takes long, for lines that nobody sees.
  const start = isOpen ? Infinity : START;
  return (
    <div>
      <div className={isOpen ? undefined : styles.folded}><Compared text={text.slice(0, start)} against={against?.slice(0, start)} side={side} /></div>
      <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>{isOpen ? "Show less" : `Show all ${plural(text.length, "character")}`}</button>
    </div>
  );
}

function Compared({ text, against, side }: Omit<Props, "most">) {
  if (against === undefined || against === text) return <span className={styles.plain}>{text}</span>;
  return side === "before" ? <DiffText before={text} after={against} side={side} /> : <DiffText before={against} after={text} side={side} />;
}
