import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";

import type { ListedCall } from "@/api/types";
import { holdBack } from "@/lib/live-rows";
import type { TracesSearch } from "@/lib/search";
import { Gate } from "@/ui/notices";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { NoTraces } from "./no-traces";
import { Peek } from "./peek";
import { TracesStats } from "./traces-stats";
import { TracesTable } from "./traces-table";
import { TracesToolbar } from "./traces-toolbar";
import { useCalls } from "./use-calls";

const FROM = "/$entity/$project/traces";

export function TracesPage() {
  const { entity, project } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const { q, op, status, all } = search;
  const filter = useMemo(() => ({ ...(q ? { q } : {}), ...(op ? { op } : {}), ...(status ? { status } : {}), ...(all ? { all } : {}) }), [q, op, status, all]);
  const query = useCalls(p, filter);
  const [isAway, setAway] = useState(false);
  const { rows, waiting, release } = useHeldRows(query.calls, isAway || search.call !== undefined);

  const change = useCallback((next: Partial<TracesSearch>) => {
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  }, [navigate]);
  const select = useCallback((call: ListedCall | undefined) => { change({ call: call?.id }); }, [change]);
  const open = useCallback((call: ListedCall) => {
    void navigate({ to: "/$entity/$project/traces/$traceId", params: { entity, project, traceId: call.trace_id }, search: call.parent_span_id === null ? {} : { call: call.id } });
  }, [entity, navigate, project]);

  const at = rows.findIndex((row) => row.id === search.call);
  const move = (step: number) => { select(rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]); };
  const selected = rows[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    Enter: selected && (() => { open(selected); }),
    Escape: search.call === undefined ? undefined : () => { select(undefined); },
  });
  const isFiltered = Object.keys(filter).some((key) => key !== "all");

  return (
    <div className={page.page}>
      <TracesToolbar p={p} search={search} onChange={change} />
      <TracesStats p={p} filter={filter} />
      <div className={page.split}>
        <Gate query={query}>
          {() => rows.length === 0
            ? <NoTraces project={project} isFiltered={isFiltered} onClear={() => { change({ q: undefined, op: undefined, status: undefined }); }} />
            : <TracesTable rows={rows} waiting={waiting} selected={search.call} hasMore={query.hasNextPage} isLoadingMore={query.isFetchingNextPage} isNarrow={search.call !== undefined}
                onSelect={select} onOpen={open} onMore={() => void query.fetchNextPage()} onAway={setAway} onRelease={release} />}
        </Gate>
        {search.call !== undefined && <Peek p={p} id={search.call} onClose={() => { select(undefined); }} />}
      </div>
    </div>
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
