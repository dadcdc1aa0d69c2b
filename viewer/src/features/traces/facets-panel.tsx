import type { ReactNode } from "react";

import type { Facet } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { chosenValues, setTerm, toggleValue } from "@/lib/search-terms";
import { KindMark, StatusDot } from "@/ui/marks";

import styles from "./facets.module.css";

const TITLES: Record<string, string> = { op: "Op", status: "Status", kind: "Kind", model: "Model" };
const figure = (n: number) => Number(n.toPrecision(3)).toString();

interface Props {
  /** Undefined while they are on their way. */
  facets: readonly Facet[] | undefined;
  failure: ReactNode;
  q: string;
  onChange: (q: string) => void;
  onClose: () => void;
}

/** What the search could be narrowed to, with counts; a click puts the term into the text, or takes it out. */
export function FacetsPanel({ facets: known, failure, q, onChange, onClose }: Props) {
  const facets = known ?? [];
  const shown = facets.filter((facet) => facet.values.length > 0 || facet.low !== null || chosenValues(q, facet.key).wanted.size > 0);
  const among = Math.max(...facets.map((facet) => facet.among ?? 0), 0);
  return (
    <aside className={styles.facets} aria-label="Filters">
      <header><h2>Filters</h2><button type="button" className={styles.close} aria-label="Hide filters" onClick={onClose}>×</button></header>
      {shown.map((facet) => <FacetGroup key={facet.key} facet={facet} q={q} onChange={onChange} />)}
      {failure}
      {known !== undefined && shown.length === 0 && <p className={styles.note}>No calls here to filter.</p>}
      {among > 0 && <p className={styles.note}><b>*</b> counted in the newest {plural(among, "call")} that match</p>}
    </aside>
  );
}

function FacetGroup({ facet, q, onChange }: { facet: Facet; q: string; onChange: (q: string) => void }) {
  const { wanted, unwanted } = chosenValues(q, facet.key);
  // What was chosen stays in sight, so that it can be taken out, even where nothing has it.
  const missing = [...wanted, ...unwanted].filter((value) => !facet.values.some((each) => each.value === value) && !/[*<>]|\.\./.test(value)).map((value) => ({ value, count: 0 }));
  const values = [...facet.values, ...missing];
  const most = Math.max(...values.map((each) => each.count), 1);
  return (
    <details open className={styles.group}>
      <summary><span>{TITLES[facet.key] ?? facet.key.replace(/^scores\./, "").replace(/\\(.)/g, "$1")}</span>{facet.among !== null && <abbr title={`Counted in the newest ${formatCount(facet.among)} calls that match`}>*</abbr>}{facet.key.startsWith("scores.") && <em>score</em>}</summary>
      {facet.low !== null && facet.high !== null && <RangeOf facet={facet} low={facet.low} high={facet.high} q={q} onChange={onChange} />}
      <ul>
        {values.map(({ value, count }) => {
          const state = wanted.has(value) ? "wanted" : unwanted.has(value) ? "unwanted" : undefined;
          return (
            <li key={value} data-state={state}>
              <button type="button" aria-pressed={state === "wanted"} title={value} onClick={() => { onChange(toggleValue(q, facet.key, value)); }}>
                <i style={{ width: `calc((100% - 16px) * ${count / most})` }} aria-hidden="true" />
                {facet.key === "status" && <StatusDot status={value} />}
                {facet.key === "kind" && <KindMark kind={value} />}
                <span>{value === "" ? "(empty)" : value}</span>
                <b>{formatCount(count)}</b>
              </button>
              <button type="button" className={styles.without} aria-pressed={state === "unwanted"} aria-label={`Without ${facet.key} ${value}`} title="All but this" onClick={() => { onChange(toggleValue(q, facet.key, value, true)); }}>−</button>
            </li>
          );
        })}
      </ul>
      {facet.more > 0 && <p className={styles.note}>and {plural(facet.more, "other")}: type them</p>}
    </details>
  );
}

/** Numbers have no list of values: their lower and their upper half are the questions that are asked most. */
function RangeOf({ facet, low, high, q, onChange }: { facet: Facet; low: number; high: number; q: string; onChange: (q: string) => void }) {
  const { wanted } = chosenValues(q, facet.key);
  const middle = figure((low + high) / 2);
  return (
    <div className={styles.range}>
      <span>{low === high ? figure(low) : `${figure(low)} to ${figure(high)}`}</span><b>{formatCount(facet.scored)}</b>
      {low < high && (
        <div>
          {[`<${middle}`, `>=${middle}`].map((half) => (
            <button key={half} type="button" aria-pressed={wanted.has(half)} onClick={() => { onChange(setTerm(q, facet.key, wanted.has(half) ? "" : half)); }}>{half.replace(">=", "≥ ").replace("<", "< ")}</button>
          ))}
        </div>
      )}
    </div>
  );
}
