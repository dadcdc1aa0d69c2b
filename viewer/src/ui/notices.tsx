import type { ReactNode } from "react";

import { Button } from "./button";
import { CodeBlock } from "./code-block";
import { CopyButton } from "./copy-button";
import styles from "./parts.module.css";

interface EmptyProps {
  title: string;
  children: ReactNode;
  code?: string;
}

/** An empty page says what would fill it. */
export function Empty({ title, children, code }: EmptyProps) {
  return (
    <section className={styles.notice}>
      <h2>{title}</h2>
      <p>{children}</p>
      {code !== undefined && (
        <div className={styles.snippet}>
          <CodeBlock code={code} />
          <CopyButton text={code} />
        </div>
      )}
    </section>
  );
}

export function ErrorNote({ error, onRetry }: { error: Error & { remedy?: string }; onRetry?: (() => void) | undefined }) {
  return (
    <div className={styles.problem} role="alert">
      <b>{error.message}</b>
      <span className="mid">{error.remedy ?? "Reload the page; if it comes back, look at the terminal in which `weavelite ui` runs."}</span>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className={styles.loading} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => <i key={i} />)}
    </div>
  );
}

interface Answer<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** What is known is shown, even when asking again failed: the error is then the layout's to tell. */
export function Gate<T>({ query, children }: { query: Answer<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}
