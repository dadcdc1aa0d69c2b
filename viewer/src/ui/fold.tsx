import { type ReactNode, useState } from "react";

import styles from "./fold.module.css";

/** Long content is folded to a few lines, and unfolds wholly: nothing is cut, so that searching the page finds it once open. */
export function Fold({ isLong, what, children }: { isLong: boolean; what: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  if (!isLong) return children;
  return (
    <div>
      <div className={isOpen ? undefined : styles.folded}>{children}</div>
      <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>{isOpen ? "Show less" : `Show all ${what}`}</button>
    </div>
  );
}
