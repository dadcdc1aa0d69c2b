import { memo } from "react";

import type { ComparedPiece } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { ComparedCell, Outline } from "@/api/types";
import type { CompareSearch, Group } from "@/lib/evaluation-search";
import { isObject, textOf } from "@/lib/json";
import { formatDollars, formatMetric, formatTokens } from "@/lib/number";
import type { Entry } from "@/lib/outline";
import { isShortScore, scoreParts } from "@/lib/scores";
import { summarize } from "@/lib/summary";
import { FoldedDiff } from "@/ui/folded-diff";
import { LongText } from "@/ui/long-text";
import { Score } from "@/ui/marks";

import styles from "./compare.module.css";
import { TraceLink } from "./trace-link";

const OUTCOMES: Record<Group, string> = { improved: "improved", regressed: "regressed", mixed: "mixed", unchanged: "", not_comparable: "not comparable" };
const LONG = 700;

interface Props {
  p: ProjectId;
  outline: Outline;
  entry: Entry;
  group: Group;
  /** Undefined while they are being read. */
  bodies: ComparedPiece | undefined;
  measure: string | undefined;
  isCurrent: boolean;
  onHistory: (changes: Pick<CompareSearch, "row">) => void;
}

export const ComparedRowView = memo(function ComparedRowView({ p, outline, entry, group, bodies, measure, isCurrent, onHistory }: Props) {
  const { runs } = outline.comparison;
  const cellOf = (run: number, place: number) => { const id = outline.calls[run]?.[place]; return id == null ? null : bodies?.cells.get(id); };
  const trials = entry.places.map((place) => ({ place, number: (outline.rows[place]?.trial ?? 0) + 1, cells: runs.map((_, run) => cellOf(run, place)) }));
  return (
    <div className={styles.row} role="row" aria-selected={isCurrent} data-current={isCurrent}>
      <div role="cell">
        <div className={styles.rowId}>
          <span>{entry.index === null ? entry.digest.slice(0, 6) : `#${entry.index}`}</span>
          {runs.length > 1 && OUTCOMES[group] !== "" && <b data-group={group}>{OUTCOMES[group]}</b>}
          {!isShared && <button type="button" className={styles.history} onClick={() => { onHistory({ row: entry.digest }); }}>history</button>}
        </div>
        {bodies?.rows.has(entry.digest) ? <Example example={bodies.rows.get(entry.digest)} /> : <Waiting />}
      </div>
      {runs.map((run, i) => (
        <div key={run.id} role="cell" className={styles.trials}>
          {trials.map(({ place, number, cells }) => {
            const cell = cells[i];
            const body = outline.calls[i]?.[place] == null ? <p className="dim">not run</p> : cell ? <Cell p={p} cell={cell} tokens={outline.tokens[i]?.[place] ?? null} cost={outline.costs[i]?.[place] ?? null} base={cells[0] ?? null} isBase={i === 0} first={cells.slice(1).find((each) => each?.error === null)} still={stillScores(cells)} measure={measure} /> : <Waiting />;
            return <div key={place}>{trials.length > 1 && <span className={styles.trial}>trial {number}</span>}{body}</div>;
          })}
        </div>
      ))}
    </div>
  );
});

const Waiting = () => <span className={styles.waiting} aria-hidden="true" />;

/** The fields of the row, the first one in full ink: it is what was asked. JSON has no order to go by, so names and lengths are. */
function Example({ example }: { example: unknown }) {
  if (!isObject(example)) return <p className={styles.text}><LongText text={textOf(example)} fold={600} /></p>;
  const entries = Object.entries(example).sort(([nameA, a], [nameB, b]) => rank(nameA, a) - rank(nameB, b));
  return <dl className={styles.example}>{entries.map(([name, value]) => <div key={name} data-long={!isShort(value)}><dt>{name}</dt><dd><LongText text={typeof value === "string" ? value : summarize(value, Infinity)} fold={400} /></dd></div>)}</dl>;
}

/** Ids and labels come after what is to be read. */
const isShort = (value: unknown) => typeof value !== "string" || !value.includes(" ");
const isExpected = (name: string) => /expected|target|answer|label|reference|ideal|truth|output/i.test(name);
const rank = (name: string, value: unknown) => 2 * Number(isShort(value)) + Number(isExpected(name));

/** The scores that are the same in every run: colour is for those that moved. */
function stillScores(cells: readonly (ComparedCell | null | undefined)[]): ReadonlySet<string> {
  const [first, ...others] = cells.flatMap((cell) => (cell ? [new Map(scoreParts(cell.scores))] : []));
  if (first === undefined || others.length === 0) return new Set();
  return new Set([...first].filter(([name, value]) => others.every((each) => each.has(name) && textOf(each.get(name)) === textOf(value))).map(([name]) => name));
}

interface CellProps {
  p: ProjectId;
  cell: ComparedCell;
  /** What it took is known of the comparison: it is summed up run by run. */
  tokens: number | null;
  cost: number | null;
  base: ComparedCell | null;
  isBase: boolean;
  /** The first run that answered: what the baseline's words are marked against. */
  first: ComparedCell | null | undefined;
  still: ReadonlySet<string>;
  measure: string | undefined;
}

function Cell({ p, cell, tokens, cost, base, isBase, first, still, measure }: CellProps) {
  const facts = [
    cell.latency_s === null ? "" : formatMetric(cell.latency_s, "seconds"), tokens === null ? "" : `${formatTokens(tokens)} tokens`,
    cost === null ? "" : formatDollars(cost),
  ].filter((fact) => fact !== "");
  const scores = scoreParts(cell.scores);
  const [chips, texts] = [scores.filter(([, value]) => isShortScore(value)), scores.filter(([, value]) => !isShortScore(value))];
  return (
    <>
      {cell.error !== null ? <p className={styles.error}><b>{cell.is_infrastructure ? "infrastructure" : "error"}</b> <LongText text={cell.error} fold={LONG} /></p> : <Output cell={cell} base={base} isBase={isBase} first={first} />}
      <div className={styles.cellFoot}>
        {chips.map(([name, value]) => <Score key={name} name={name} value={value} className={still.has(name) && name !== measure ? styles.same : undefined} />)}
        {Object.entries(cell.scorer_errors).map(([name, error]) => <span key={name} className={styles.error}>{name}: {error}</span>)}
        <span className="dim small">{facts.join(" · ")}</span>
        <TraceLink className={styles.link} p={p} traceId={cell.trace_id} callId={cell.call_id}>trace</TraceLink>
      </div>
      {texts.map(([name, value]) => <p key={name} className={styles.said}><span>{name}</span> <LongText text={textOf(value)} fold={200} /></p>)}
    </>
  );
}

function Output({ cell, base, isBase, first }: Omit<CellProps, "p" | "still" | "measure" | "tokens" | "cost">) {
  const own = textOf(cell.output);
  const other = isBase ? first : base?.error === null ? base : undefined;
  const against = other ? textOf(other.output) : undefined;
  return <div className={!isBase && own === against ? styles.alike : undefined}><FoldedDiff text={own} against={against} side={isBase ? "before" : "after"} most={LONG} /></div>;
}
