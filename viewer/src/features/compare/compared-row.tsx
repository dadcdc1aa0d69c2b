import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { ProjectId } from "@/api/queries";
import type { ComparedCell, ComparedRow } from "@/api/types";
import { isObject, textOf } from "@/lib/json";
import { formatMetric, formatTokens } from "@/lib/number";
import { scoreParts } from "@/lib/scores";
import { summarize } from "@/lib/summary";
import { DiffText } from "@/ui/diff-text";
import { LongText } from "@/ui/long-text";
import { Score } from "@/ui/marks";

import styles from "./compare.module.css";

const OUTCOMES: Record<ComparedRow["group"], string> = { improved: "improved", regressed: "regressed", mixed: "mixed", unchanged: "", not_comparable: "not comparable" };

export const ComparedRowView = memo(function ComparedRowView({ p, row, isCurrent }: { p: ProjectId; row: ComparedRow; isCurrent: boolean }) {
  const [baseline = null, ...others] = row.cells;
  const base = baseline === null || baseline.error !== null ? null : textOf(baseline.output);
  const first = others.find((cell) => cell !== null && cell.error === null);
  const still = stillScores(row.cells);
  return (
    <div className={styles.row} role="row" aria-selected={isCurrent} data-current={isCurrent}>
      <div role="cell">
        <div className={styles.rowId}><span>{row.index === null ? row.digest.slice(0, 6) : `#${row.index}`}{row.trial > 0 ? ` · trial ${row.trial + 1}` : ""}</span>{others.length > 0 && OUTCOMES[row.group] !== "" && <b data-group={row.group}>{OUTCOMES[row.group]}</b>}</div>
        <Example example={row.example} />
      </div>
      <Cell p={p} cell={baseline} before={base} after={first ? textOf(first.output) : base} side="before" still={still} />
      {others.map((cell, i) => <Cell key={i} p={p} cell={cell} before={base ?? (cell ? textOf(cell.output) : null)} after={cell ? textOf(cell.output) : null} side="after" still={still} />)}
    </div>
  );
});

/** The fields of the row, the first one in full ink: it is what was asked. JSON has no order to go by, so names and lengths are. */
function Example({ example }: { example: unknown }) {
  if (!isObject(example)) return <p className={styles.text}><LongText text={textOf(example)} fold={600} /></p>;
  const entries = Object.entries(example).sort(([nameA, a], [nameB, b]) => rank(nameA, a) - rank(nameB, b));
  return <dl className={styles.example}>{entries.map(([name, value]) => <div key={name} data-long={!isShort(value)}><dt>{name}</dt><dd><LongText text={typeof value === "string" ? value : summarize(value, 2_000)} fold={400} /></dd></div>)}</dl>;
}

/** Ids and labels come after what is to be read. */
const isShort = (value: unknown) => typeof value !== "string" || !value.includes(" ");
const isExpected = (name: string) => /expected|target|answer|label|reference|ideal|truth|output/i.test(name);
const rank = (name: string, value: unknown) => 2 * Number(isShort(value)) + Number(isExpected(name));

interface CellProps {
  p: ProjectId;
  cell: ComparedCell | null;
  before: string | null;
  after: string | null;
  side: "before" | "after";
  still: ReadonlySet<string>;
}

/** The scores that are the same in every run: colour is for those that moved. */
function stillScores(cells: ComparedRow["cells"]): ReadonlySet<string> {
  const all = cells.flatMap((cell) => (cell === null ? [] : [new Map(scoreParts(cell.scores))]));
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return new Set();
  return new Set([...first].filter(([name, value]) => others.every((each) => each.has(name) && textOf(each.get(name)) === textOf(value))).map(([name]) => name));
}

function Cell({ p, cell, before, after, side, still }: CellProps) {
  if (cell === null) return <div role="cell" className="dim">not run</div>;
  const facts = [cell.latency_s === null ? "" : formatMetric(cell.latency_s, "seconds"), cell.tokens === null ? "" : `${formatTokens(cell.tokens)} tokens`].filter((fact) => fact !== "");
  return (
    <div role="cell">
      {cell.error !== null ? <p className={styles.error}>{cell.error}</p> : before === null || after === null ? <p className={styles.text}>{textOf(cell.output)}</p> : <DiffText before={before} after={after} side={side} />}
      <div className={styles.cellFoot}>
        {scoreParts(cell.scores).map(([name, value]) => <Score key={name} name={name} value={value} className={still.has(name) ? styles.same : undefined} />)}
        {Object.entries(cell.scorer_errors).map(([name, error]) => <span key={name} className={styles.error}>{name}: {error}</span>)}
        <span className="dim small">{facts.join(" · ")}</span>
        <Link className={styles.link} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: cell.trace_id }} search={{ call: cell.call_id }}>trace</Link>
      </div>
    </div>
  );
}
