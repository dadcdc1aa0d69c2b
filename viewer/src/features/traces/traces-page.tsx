import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";

import { type CallFilter, facetsQuery, type ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { ListedCall } from "@/api/types";
import { holdBack } from "@/lib/live-rows";
import type { TracesSearch } from "@/lib/search";
import { Empty, Gate } from "@/ui/notices";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { FacetsPanel } from "./facets-panel";
import { NoTraces } from "./no-traces";
import { Peek } from "./peek";
import { SavedViews } from "./saved-views";
import { TracesStats } from "./traces-stats";
import { TracesTable } from "./traces-table";
import { TracesToolbar } from "./traces-toolbar";
import { useCalls } from "./use-calls";
import { useSearchText } from "./use-search";

const FROM = "/$entity/$project/traces";

/** Below this width the panel of filters is shown only when it is asked for. */
const isWide = () => globalThis.innerWidth >= 1200;

export function TracesPage() {
  const { entity, project } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const { q = "", all, call: callId } = search;
  const { good, problem } = useSearchText(p, q);
  const filter = useMemo(() => ({ ...(good ? { q: good } : {}), ...(all ? { all } : {}) }), [good, all]);
  const facets = useQuery({ ...facetsQuery(p, filter), enabled: good !== undefined && !isShared }).data?.facets ?? [];

  // What is chosen can be gone back from; what is typed letter by letter cannot.
  const change = useCallback((next: Partial<TracesSearch>, how: "push" | "replace" = "replace") => {
    void navigate({ search: (before) => ({ ...before, ...next }), replace: how === "replace" });
  }, [navigate]);
  const choose = useCallback((next: string) => { change({ q: next || undefined }, "push"); }, [change]);
  const type = useCallback((next: string) => { change({ q: next || undefined }); }, [change]);
  const isFaceted = !isShared && (search.facets ?? (isWide() && callId === undefined));

  return (
    <div className={page.page}>
      <TracesToolbar search={search} facets={facets} problem={problem} isFaceted={isFaceted} onType={type} onChange={(next) => { change(next, "push"); }}>
        {!isShared && <SavedViews p={p} search={search} onOpen={({ q: text, all: isAll }) => { change({ q: text, all: isAll, call: undefined }, "push"); }} />}
      </TracesToolbar>
      {good !== undefined && <TracesStats p={p} filter={filter} onSearch={isShared ? undefined : (next, how) => { change({ q: next || undefined }, how); }} />}
      <div className={page.split}>
        {isFaceted && <FacetsPanel facets={facets} q={good ?? ""} onChange={choose} onClose={() => { change({ facets: false }, "push"); }} />}
        {good === undefined
          ? problem && <Empty title="This search cannot be read">{problem.error}</Empty>
          : <TracesList key={`${entity}/${project} ${all ?? ""} ${good}`} p={p} filter={filter} callId={callId} onChange={change} />}
        {callId !== undefined && <Peek p={p} id={callId} onClose={() => { change({ call: undefined }); }} />}
      </div>
    </div>
  );
}

interface ListProps {
  p: ProjectId;
  filter: CallFilter;
  callId: string | undefined;
  onChange: (next: Partial<TracesSearch>, how?: "push" | "replace") => void;
}

function TracesList({ p, filter, callId, onChange }: ListProps) {
  const navigate = useNavigate({ from: FROM });
  const query = useCalls(p, filter);
  const [isAway, setAway] = useState(false);
  const { rows, waiting, release } = useHeldRows(query.calls, isAway || callId !== undefined);
  const select = useCallback((call: ListedCall | undefined) => { onChange({ call: call?.id }); }, [onChange]);
  const open = useCallback((call: ListedCall) => {
    void navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId: call.trace_id }, search: call.parent_span_id === null ? {} : { call: call.id } });
  }, [navigate, p]);

  const at = rows.findIndex((row) => row.id === callId);
  const move = (step: number) => { select(rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]); };
  const selected = rows[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    Enter: selected && (() => { open(selected); }),
    Escape: callId === undefined ? undefined : () => { select(undefined); },
  });
  return (
    <Gate query={query}>
      {() => rows.length === 0
        ? <NoTraces project={p.project} isFiltered={filter.q !== undefined} isAll={filter.all === true} onClear={() => { onChange({ q: undefined }, "push"); }} onAll={() => { onChange({ all: true }, "push"); }} />
        : <TracesTable rows={rows} waiting={waiting} selected={callId} hasMore={query.hasNextPage} isLoadingMore={query.isFetchingNextPage} isNarrow={callId !== undefined}
            onSelect={select} onOpen={open} onMore={() => void query.fetchNextPage()} onAway={setAway} onRelease={release} />}
    </Gate>
  );
}

/** While the reader is away from the top or reads a row, new rows wait, so that nothing moves under the eye. */
function useHeldRows(calls: readonly ListedCall[] | undefined, isReading: boolean) {
  const [held, setHeld] = useState<ListedCall | null>(null);
  const newest = calls?.[0] ?? null;
  if (!isReading && held !== null) setHeld(null);
  if (isReading && held === null && newest !== null) setHeld(newest);
  const { shown, waiting } = useMemo(() => holdBack(calls ?? [], isReading ? held : null), [calls, held, isReading]);
  return { rows: shown, waiting, release: () => { setHeld(newest); } };
}
