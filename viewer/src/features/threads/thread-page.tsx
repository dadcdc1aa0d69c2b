import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import type { ProjectId } from "@/api/queries";
import { threadQuery, type TurnRead, turnQuery, turnsQuery } from "@/api/thread-queries";
import type { ListedCall, ThreadSummary } from "@/api/types";
import { callParts } from "@/api/value-parts";
import { formatCost, formatSumTokens, plural } from "@/lib/number";
import { readTurns } from "@/lib/thread";
import { formatRange } from "@/lib/time";
import { Empty, Gate, MoreFailed } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { SpokenRests } from "@/ui/spoken-rests";
import { useKeys } from "@/ui/use-keys";

import { Turns } from "./turns";

const FROM = "/$entity/$project/threads/$threadId";

export function ThreadPage() {
  const { entity, project, threadId } = useParams({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const { turn } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const query = useQuery(threadQuery(p, threadId));
  const toList = () => { void navigate({ to: "/$entity/$project/threads", params: p, search: { thread: threadId } }); };
  useKeys({ Escape: turn === undefined ? toList : () => { void navigate({ search: {}, replace: true }); } });
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/threads" params={p}>Threads /</Link>} title={threadId}>
        {query.data && <Facts thread={query.data} />}
      </PageBar>
      <Gate query={query} what="This thread">{() => <Dialogue key={threadId} p={p} id={threadId} />}</Gate>
    </div>
  );
}

function Facts({ thread }: { thread: ThreadSummary }) {
  const least = thread.more ? "≥ " : "";
  const facts = [
    `${least}${plural(thread.turns, "turn")}`, thread.errors > 0 ? `${least}${plural(thread.errors, "error")}` : "",
    thread.sum_tokens === null ? "" : `Σ ${least}${formatSumTokens(thread)} tokens`, thread.sum_cost === null ? "" : `Σ ${formatCost(thread.more ? { ...thread, cost_partial: true } : thread)}`,
    formatRange(thread.first_us, thread.last_us),
  ];
  return <span className="mid small">{facts.filter((fact) => fact !== "").join(" · ")}</span>;
}

/** What has come of the turns, and of those that did not come why. */
const readOnes = (results: readonly { data: TurnRead | undefined; error: Error | null; refetch: () => unknown }[]) => ({
  read: results.map((each) => each.data),
  failures: results.map(({ data, error, refetch }) => (data === undefined && error ? { error, retry: () => void refetch() } : null)),
});

function Dialogue({ p, id }: { p: ProjectId; id: string }) {
  const { turn: selected } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const partsOf = useCallback((id: string) => callParts(p, { id, cuts: [], sizes: {} }), [p]);
  const query = useInfiniteQuery(turnsQuery(p, id));
  const turns = useMemo(() => query.data?.pages.flatMap((each) => each.calls).reverse() ?? [], [query.data]);
  const { read, failures } = useQueries({ queries: turns.map((turn) => turnQuery(p, turn)), combine: readOnes });
  const { lines, conversation } = useMemo(() => readTurns(read.filter((each) => each !== undefined)), [read]);
  // The oldest that is known may repeat turns that are not: it is shown when those are known, too.
  const shown = query.hasNextPage ? turns.slice(1) : turns;
  const from = turns.length - shown.length;
  const said = shown.map((turn, i) => ({ turn, failure: failures[from + i] ?? null, lines: lines.get(turn.id), left: read.find((each) => each?.id === turn.id)?.left ?? 0 }));

  const select = (turn: string | undefined) => { void navigate({ search: (before) => ({ ...before, turn }), replace: true }); };
  const toTrace = (turn: ListedCall) => { void navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId: turn.trace_id }, search: turn.parent_span_id === null ? {} : { call: turn.id } }); };
  const at = shown.findIndex((turn) => turn.id === selected);
  const move = (step: number) => { select(shown[at === -1 ? shown.length - 1 : Math.min(Math.max(at + step, 0), shown.length - 1)]?.id); };
  const current = shown[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    Enter: current && (() => { toTrace(current); }),
  });
  const needsMore = query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError;
  return (
    <Gate query={query} what="The turns">
      {() => turns.length === 0
        ? <Empty title="This thread is empty">Its calls were deleted.</Empty>
        : <SpokenRests partsOf={partsOf} conversation={conversation}><Turns p={p} said={said} selected={selected} isWhole={!query.hasNextPage} isAhead={selected !== undefined && at === -1} onSelect={select} onNeedMore={() => { if (needsMore) void query.fetchNextPage(); }} /><MoreFailed query={query} what="Older turns" /></SpokenRests>}
    </Gate>
  );
}
