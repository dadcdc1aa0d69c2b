import type { ReactNode } from "react";

import styles from "./parts.module.css";

const KINDS = new Set(["llm", "tool", "agent", "chain", "retriever", "embedding", "scorer", "evaluation"]);

/** The colour of a kind, the same in lists, trees, timelines and messages. */
export const kindColor = (kind: string) => `var(--k-${KINDS.has(kind) ? kind : "op"})`;

export function KindMark({ kind }: { kind: string }) {
  return <span className={styles.kind} style={{ background: kindColor(kind) }} role="img" aria-label={`kind ${kind}`} title={kind} />;
}

const LOOKS: Record<string, string | undefined> = { error: styles.error, running: styles.running, interrupted: styles.interrupted };

export function StatusDot({ status }: { status: string }) {
  return <span className={`${styles.dot} ${LOOKS[status] ?? ""}`} role="img" aria-label={status} title={status} />;
}

export function Version({ children, title }: { children: ReactNode; title?: string }) {
  return <span className={styles.version} title={title}>{children}</span>;
}

export function Alias({ children }: { children: string }) {
  return <span className={`${styles.version} ${styles.alias}`}>{children}</span>;
}

export function Tag({ children, title }: { children: string; title?: string }) {
  return <span className={`${styles.version} ${styles.tag}`} title={title}>{children}</span>;
}

export const shortDigest = (digest: string) => digest.slice(0, 6);

/** Yes and no are coloured; of a number nobody knows here whether it is a good one. */
export function Score({ name, value, className }: { name: string; value: unknown; className?: string | undefined }) {
  const look = className ?? (value === true || value === 1 ? styles.good : value === false || value === 0 ? styles.bad : "");
  const shown = typeof value === "number" ? Number(value.toPrecision(3)).toString() : typeof value === "string" ? value : typeof value === "boolean" ? (value ? "yes" : "no") : JSON.stringify(value);
  return <span className={`${styles.score} ${look}`} title={`${name}: ${shown}`}>{name} <b>{shown}</b></span>;
}

export function Reaction({ emoji }: { emoji: string }) {
  return <span className={styles.score}>{emoji}</span>;
}

export function Brand() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" fill="none" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M8.2 5 15 19l6.8-14" stroke="var(--accent)" />
      <path d="M2.2 5 9 19l1.7-3.5M13.3 10.2 15.8 5" stroke="var(--ink3)" />
    </svg>
  );
}
