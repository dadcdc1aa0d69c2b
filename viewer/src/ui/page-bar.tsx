import type { ReactNode } from "react";

import styles from "./parts.module.css";

/** The strip at the top of each page. The crumb leads back to the list. */
export function PageBar({ crumb, title, children }: { crumb?: ReactNode; title?: ReactNode; children?: ReactNode }) {
  return (
    <header className={styles.bar}>
      {crumb}
      {title !== undefined && <h1>{title}</h1>}
      {children}
    </header>
  );
}

export const crumbClass = styles.crumb;
export const versionClass = styles.version;
export const cardClass = styles.card;
