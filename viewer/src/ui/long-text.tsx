import { useState } from "react";

import { formatCount } from "@/lib/number";

import styles from "./json-view.module.css";
import { type Rest, RestNote } from "./value-parts";

/** So much more is shown at a click: a browser lays out some hundred thousand characters at ease, and no millions. */
const PART = 100_000;

/** Long text is folded, never cut: the buttons have the rest, a part at a time where it is very long, and read it where it is not here. */
export function LongText({ text: start, fold = 1_200, rest }: { text: string; fold?: number; rest?: Rest | undefined }) {
  const [most, setMost] = useState(fold);
  const text = rest === undefined ? start : start + rest.text;
  const total = Math.max(rest?.total ?? 0, text.length);
  if (total <= fold * 1.25) return text;
  const shown = Math.min(most, text.length);
  const left = total - shown;
  const step = left <= PART * 1.25 ? left : PART;
  const show = () => {
    setMost(shown + step);
    if (shown + step > text.length) rest?.load();
  };
  return (
    <>
      {left > 0 ? `${text.slice(0, shown)}…` : text}{" "}
      {left > 0 && <button type="button" className={styles.more} aria-expanded={false} onClick={show}>{step === left ? `Show all ${formatCount(total)} characters` : `Show ${formatCount(step)} more of ${formatCount(total)} characters`}</button>}
      {most > fold && <button type="button" className={styles.more} aria-expanded={true} onClick={() => { setMost(fold); }}>Show less</button>}
      {rest && <RestNote rest={rest} />}
    </>
  );
}
