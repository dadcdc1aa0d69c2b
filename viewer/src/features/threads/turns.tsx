import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import type { ProjectId } from "@/api/queries";
import type { ListedCall } from "@/api/types";
import type { Line } from "@/lib/conversation";
import { formatCost, formatSumTokens, plural } from "@/lib/number";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import { LineView, useFolds } from "@/ui/dialogue";
import { KindMark, Reaction, Score, StatusDot } from "@/ui/marks";
import { ErrorLine, Loading } from "@/ui/notices";
import { useKeptPlace } from "@/ui/use-kept-place";

import styles from "./turns.module.css";

/** What is nearer than this to the top is read before it is reached. */
const AHEAD = 1_500;

interface Said {
  turn: ListedCall;
  /** Undefined while it is on its way. */
  lines: readonly Line[] | undefined;
  /** Why it did not come. */
  failure: { error: Error; retry: () => void } | null;
  left: number;
}

interface Props {
  p: ProjectId;
  said: readonly Said[];
  selected: string | undefined;
  isWhole: boolean;
  /** Whether the selected turn has not been read yet. */
  isAhead: boolean;
  onSelect: (turn: string | undefined) => void;
  onNeedMore: () => void;
}

/** A conversation from its end: the scroller's zero is at the bottom, so that what comes above moves nothing. */
export function Turns({ p, said, selected, isWhole, isAhead, onSelect, onNeedMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { isKept } = useKeptPlace(scroller);
  const left = useRef(isKept ? selected : undefined);
  const look = () => {
    const box = scroller.current;
    if (box && !isWhole && (isAhead || box.scrollHeight - box.clientHeight + box.scrollTop < AHEAD)) onNeedMore();
  };
  useEffect(look);
  useEffect(() => {
    if (selected === left.current) return;
    left.current = undefined;
    if (selected !== undefined) document.getElementById(`turn-${selected}`)?.scrollIntoView({ block: "nearest" });
  }, [selected, isAhead]);
  return (
    <div ref={scroller} className={styles.scroller} onScroll={look}>
      <div className={styles.turns} role="feed" aria-label="Conversation" aria-busy={!isWhole || said.some((each) => each.lines === undefined)} tabIndex={0}>
        {!isWhole && <p className={styles.more} role="status">Loading older turns…</p>}
        {said.map((each, i) => <Turn key={each.turn.id} p={p} said={each} at={i} count={isWhole ? said.length : -1} isSelected={each.turn.id === selected} onSelect={onSelect} />)}
      </div>
    </div>
  );
}

interface TurnProps {
  p: ProjectId;
  said: Said;
  at: number;
  count: number;
  isSelected: boolean;
  onSelect: (turn: string | undefined) => void;
}

const NOTHING: readonly Line[] = [];

function Turn({ p, said: { turn, lines, failure, left }, at, count, isSelected, onSelect }: TurnProps) {
  const { shown, folded, turn: fold } = useFolds(lines ?? NOTHING);
  const isRunning = turn.status === "running";
  return (
    <article id={`turn-${turn.id}`} className={styles.turn} aria-label={`Turn ${formatStarted(turn.start_us)}`} aria-posinset={at + 1} aria-setsize={count} data-selected={isSelected} onClick={(event) => { if (isPlain(event.target)) onSelect(turn.id); }}>
      <TurnHead p={p} turn={turn} />
      {lines === undefined && (failure === null ? <Loading lines={2} /> : <ErrorLine what="This turn" error={failure.error} onRetry={failure.retry} />)}
      {shown.map((line, i) => (
        <div key={i} className={styles.line} style={{ paddingLeft: line.within.length * 18 }}>
          <LineView line={line} isFolded={folded.has(line.callId)} onFold={() => { fold(line.callId); }} onSelect={() => { onSelect(turn.id); }} isBrief />
          <Link className={styles.call} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: turn.trace_id }} search={{ call: line.callId }} title="Open the call in which it was said" aria-label={`Open the call of this ${line.kind}`}>↗</Link>
        </div>
      ))}
      {lines?.length === 0 && !isRunning && <p className="dim small">Nothing new was said in this turn.</p>}
      {isRunning && <p className="dim small">running…</p>}
      {left > 0 && <p className="dim small">{plural(left, "more call")} of models and tools: they are in the trace.</p>}
    </article>
  );
}

function TurnHead({ p, turn }: { p: ProjectId; turn: ListedCall }) {
  const facts = [formatDuration(durationOf(turn)), turn.sum_tokens === null ? "" : `Σ ${formatSumTokens(turn)} tokens`, turn.sum_cost === null ? "" : `Σ ${formatCost(turn)}`];
  return (
    <header className={styles.head}>
      <KindMark kind={turn.kind} />
      <b>{turn.display_name ?? turn.op_name}</b>
      {turn.status !== "success" && <StatusDot status={turn.status} />}
      <time title={formatFull(turn.start_us)}>{formatStarted(turn.start_us)}</time>
      {turn.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />)}
      {Object.entries(turn.scores).map(([name, value]) => <Score key={name} name={name} value={value} />)}
      <span className="spacer" />
      <span>{facts.filter((fact) => fact !== "" && fact !== "—").join(" · ")}</span>
      <Link className={styles.open} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: turn.trace_id }} search={turn.parent_span_id === null ? {} : { call: turn.id }}>Trace →</Link>
    </header>
  );
}

/** A click on something that reacts itself, or at the end of marking text, selects nothing. */
const isPlain = (target: EventTarget) => !(target instanceof Element && target.closest("button, a, summary, audio, video, input") !== null) && (window.getSelection()?.toString() ?? "") === "";
