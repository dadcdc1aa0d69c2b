import type { SearchCheck } from "@/api/types";
import { termsOf } from "@/lib/search-terms";

import styles from "./search.module.css";

interface Props {
  text: string;
  problem: SearchCheck["problem"] | undefined;
  scrolled: number;
}

/** The server counts characters, and the browser halves of pairs. */
const placeOf = (text: string, characters: number) => Array.from(text).slice(0, characters).join("").length;

/** What lies under the input: the same text, with its terms as chips and the faulty place marked. */
export function SearchText({ text, problem, scrolled }: Props) {
  const terms = termsOf(text).filter((term) => term.key !== "");
  const [from, to] = problem === undefined || problem === null ? [-1, -1] : [placeOf(text, problem.start ?? 0), placeOf(text, problem.end ?? 0)];
  const edges = [...new Set([0, text.length, ...terms.flatMap((term) => [term.start, term.end]), ...(from < 0 ? [] : [from, to])])].sort((a, b) => a - b);
  return (
    <div className={styles.text} aria-hidden="true">
      <span style={{ transform: `translateX(${-scrolled}px)` }}>
        {edges.slice(0, -1).map((start, i) => {
          const end = edges[i + 1] ?? text.length;
          const term = terms.find((each) => each.start <= start && end <= each.end);
          const isFaulty = from <= start && end <= to;
          return <span key={start} className={term ? (term.isNegated ? styles.not : styles.term) : undefined} data-faulty={isFaulty}>{text.slice(start, end)}</span>;
        })}
        {from >= text.length && from >= 0 && <span data-faulty="true">&nbsp;</span>}
      </span>
    </div>
  );
}
