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

interface ErrorProps {
  error: Error & { remedy?: string };
  /** Names what is missing because of it: "The traces". */
  what?: string | undefined;
  onRetry?: (() => void) | undefined;
}

/** Commands stand in backticks in what the server says. */
const withCode = (text: string) => text.split(/`([^`\n]+)`/).map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));

/** What is missing, why, and what to do about it. */
export function ErrorNote({ error, what, onRetry }: ErrorProps) {
  const remedy = error.remedy ?? "Reload the page; if it comes back, look at the terminal in which `weavelite ui` runs.";
  return (
    <div className={styles.problem} role="alert">
      {what !== undefined && <b>{what} could not be read</b>}
      {what === undefined ? <b>{withCode(error.message)}</b> : <span>{withCode(error.message)}</span>}
      {remedy !== "" && <span className="mid">{withCode(remedy)}</span>}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** The same in one line, where there is little room or something else is to be seen. */
export function ErrorLine({ error, what, onRetry }: ErrorProps & { what: string }) {
  return <p className={styles.problemLine} role="alert"><b>{what} could not be read.</b> {withCode(error.message)} {onRetry && <Button look="quiet" onClick={onRetry}>Try again</Button>}</p>;
}

/** Says that an address names a version that is not there, and which one is shown in its place. */
export function OtherVersion({ wanted, shown }: { wanted: string; shown: string }) {
  return <p className={styles.problemLine} role="alert"><b>There is no version {wanted}.</b> It may have been deleted, or the address is of another store. This is {shown}, the newest.</p>;
}

interface Pages {
  isFetchNextPageError: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
}

/** Below a list whose next page did not come: what is there stays, and nothing looks like the end of it. */
export function MoreFailed({ query, what }: { query: Pages; what: string }) {
  return query.isFetchNextPageError && query.error && <div className={styles.strip}><ErrorLine error={query.error} what={what} onRetry={() => void query.fetchNextPage()} /></div>;
}

export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className={styles.loading} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => <i key={i} />)}
    </div>
  );
}

interface Query<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface GateProps<T> {
  query: Query<T>;
  what: string;
  /** Stands above while there is nothing: the way back, or out. */
  head?: ReactNode;
  children: (data: T) => ReactNode;
}

/** What is known is shown, even when asking again failed: the error is then the layout's to tell. */
export function Gate<T>({ query, what, head, children }: GateProps<T>) {
  if (query.data !== undefined) return children(query.data);
  const waiting = query.error ? <ErrorNote error={query.error} what={what} onRetry={() => void query.refetch()} /> : <Loading />;
  return head === undefined ? waiting : <>{head}{waiting}</>;
}
