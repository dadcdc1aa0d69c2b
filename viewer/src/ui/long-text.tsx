import { useState } from "react";

import { formatCount } from "@/lib/number";

import styles from "./json-view.module.css";

/** So much more is shown at a click: a browser lays out some hundred thousand characters at ease, and no millions. */
const PART = 100_000;

/** Long text is folded, never cut: the buttons have the rest, a part at a time where it is very long. */
export function LongText({ text, fold = 1_200 }: { text: string; fold?: number }) {
  const [most, setMost] = useState(fold);
  if (text.length <= fold * 1.25) return text;
  const rest = text.length - most;
  const step = Math.min(rest, PART);
  return (
    <>
      {rest > 0 ? `${text.slice(0, most)}…` : text}{" "}
      {rest > 0 && <button type="button" className={styles.more} aria-expanded={false} onClick={() => { setMost(rest <= PART * 1.25 ? text.length : most + step); }}>{rest <= PART * 1.25 ? `Show all ${formatCount(text.length)} characters` : `Show ${formatCount(step)} more of ${formatCount(text.length)} characters`}</button>}
      {most > fold && <button type="button" className={styles.more} aria-expanded={true} onClick={() => { setMost(fold); }}>Show less</button>}
    </>
  );
}
