import { useMemo } from "react";

import { hunksOf, lineDiff } from "@/lib/line-diff";
import { plural } from "@/lib/number";

import styles from "./diff-lines.module.css";

const SIGNS = { same: " ", removed: "−", added: "+" };

/** Code that changed, by lines, with what is around it. */
export function DiffLines({ before, after }: { before: string; after: string }) {
  const hunks = useMemo(() => hunksOf(lineDiff(before, after)), [before, after]);
  if (hunks.length === 0) return <p className="dim">The code is the same.</p>;
  return (
    <div className={styles.diff} role="region" aria-label="Changed lines" tabIndex={0}>
      {hunks.map((hunk, i) => (
        <div key={i}>
          {hunk.skipped > 0 && <p className={styles.skipped}>{plural(hunk.skipped, "line")} the same</p>}
          {hunk.lines.map((line, at) => (
            <div key={at} className={styles[line.kind]}>
              <span className={styles.number}>{line.before}</span><span className={styles.number}>{line.after}</span>
              <code><span aria-label={line.kind}>{SIGNS[line.kind]}</span> {line.text}</code>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
