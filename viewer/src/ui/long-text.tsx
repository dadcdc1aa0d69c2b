import { useState } from "react";

import { formatCount } from "@/lib/number";

import styles from "./json-view.module.css";

/** Long text is folded, never cut: the button has the rest. */
export function LongText({ text, fold = 1_200 }: { text: string; fold?: number }) {
  const [isOpen, setOpen] = useState(false);
  if (text.length <= fold * 1.25) return text;
  return (
    <>
      {isOpen ? text : `${text.slice(0, fold)}…`}{" "}
      <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>
        {isOpen ? "Show less" : `Show all ${formatCount(text.length)} characters`}
      </button>
    </>
  );
}
