import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";

import { type CallList, facetsQuery, type ListedRow, type ProjectId, revisionQuery } from "@/api/queries";
import { isShared } from "@/api/share";
import { type Column, fieldsOf, parseColumns, parseSort, writeColumns } from "@/lib/columns";
import { holdBack } from "@/lib/live-rows";
import type { TracesSearch } from "@/lib/search";
import { Empty, ErrorLine, ErrorNote, Gate, MoreFailed } from "@/ui/notices";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { ColumnsMenu } from "./columns-menu";
import { FacetsPanel } from "./facets-panel";
import { NoTraces } from "./no-traces";
import { SavedViews } from "./saved-views";
import { SelectionBar } from "./selection-bar";
import { TracesStats } from "./traces-stats";
import { TracesTable } from "./traces-table";
import { TracesToolbar } from "./traces-toolbar";
import styles from "./traces.module.css";
import { useCalls } from "./use-calls";
import { useChosenColumns } from "./use-columns";
import { useSearchText } from "./use-search";
import { type Selecting, useSelection } from "./use-selection";

const readPeek = () => import("./peek");
const Peek = lazy(async () => ({ default: (await readPeek()).Peek }));

const FROM = "/$entity/$project/traces";

const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** Below this width the panel of filters is shown only when it is asked for. */
const isWide = () => globalThis.innerWidth >= 1400;

export function TracesPage() {
  const { entity, project } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const { all, call: callId } = search;
  const q = isShared ? "" : (search.q ?? ""); // without a server nothing is searched: all that is there is shown
  const { good, problem, unchecked } = useSearchText(p, q);
  const filter = useMemo(() => ({ ...(good ? { q: good } : {}), ...(all ? { all } : {}) }), [good, all]);
  const faceted = useQuery({ ...facetsQuery(p, filter), enabled: good !== undefined && !isShared });
  const facets = faceted.data?.facets ?? [];

  // What is chosen can be gone back from; what is typed letter by letter cannot.
  const change = useCallback((next: Partial<TracesSearch>, how: "push" | "replace" = "replace") => {
    void navigate({ search: (before) => ({ ...before, ...next }), replace: how === "replace" });
  }, [navigate]);
  const choose = useCallback((next: string) => { change({ q: next || undefined }, "push"); }, [change]);
  const type = useCallback((next: string) => { change({ q: next || undefined }); }, [change]);
  const selecting = useSelection(`${entity}/${project} ${all ?? ""} ${good ?? ""}`);
  const list = useMemo((): CallList => ({ ...filter, ...(search.cols ? { fields: fieldsOf(parseColumns(search.cols)) } : {}), ...(search.sort ? { sort: search.sort } : {}) }), [filter, search.cols, search.sort]);
  const columns = useChosenColumns(search.cols, p, list, good !== undefined);
  const setColumns = useCallback((next: Column[] | undefined) => { change({ cols: next && writeColumns(next) }); }, [change]);
  const isFaceted = !isShared && (search.facets ?? isWide());

  const isDown = useQuery(revisionQuery(p)).isError;
  const isLive = search.sort === undefined && !isDown;
  return (
    <div className={page.page}>
      <TracesToolbar isLive={isLive} search={search} facets={facets} problem={problem} isFaceted={isFaceted} onType={type} onChange={(next) => { change(next, "push"); }}>
        {!isShared && <ColumnsMenu p={p} filter={filter} columns={columns} isChosen={search.cols !== undefined} onChange={setColumns} />}
        {!isShared && <SavedViews p={p} search={search} columns={{ ...(search.cols ? { cols: search.cols } : {}), ...(search.sort ? { sort: search.sort } : {}) }} onOpen={({ q: text, all: isAll }, { cols, sort }) => { change({ q: text, all: isAll, call: undefined, cols: textOf(cols), sort: textOf(sort) }, "push"); }} />}
      </TracesToolbar>
      {good !== undefined && <TracesStats p={p} filter={filter} onSearch={isShared ? undefined : (next, how) => { change({ q: next || undefined }, how); }} />}
      <div className={page.split}>
        {isFaceted && <FacetsPanel facets={faceted.data?.facets} failure={faceted.error && <ErrorLine what="The filters" error={faceted.error} onRetry={() => void faceted.refetch()} />} q={good ?? ""} onChange={choose} onClose={() => { change({ facets: false }, "push"); }} />}
        <div className={styles.beside} onPointerEnter={() => void readPeek()} onFocus={() => void readPeek()}>
          {good === undefined
            ? problem ? <Empty title="This search cannot be read">{problem.error}</Empty> : unchecked && <ErrorNote what="The traces" error={unchecked.error} onRetry={unchecked.retry} />
            : <TracesList key={`${entity}/${project} ${all ?? ""} ${good}`} p={p} list={list} columns={columns} selecting={selecting} callId={callId} onChange={change} onColumns={isShared ? undefined : setColumns} />}
          {!isShared && good !== undefined && (selecting.isAll || selecting.ids.size > 0) && <SelectionBar p={p} filter={filter} selecting={selecting} />}
          {callId !== undefined && <Suspense><Peek p={p} id={callId} onClose={() => { change({ call: undefined }); }} /></Suspense>}
        </div>
      </div>
    </div>
  );
}

interface ListProps {
  p: ProjectId;
  list: CallList;
  columns: readonly Column[];
  selecting: Selecting;
  onColumns: ((columns: Column[]) => void) | undefined;
  callId: string | undefined;
  onChange: (next: Partial<TracesSearch>, how?: "push" | "replace") => void;
}

function TracesList({ p, list, columns, selecting, callId, onChange, onColumns }: ListProps) {
  const navigate = useNavigate({ from: FROM });
  const query = useCalls(p, list);
  const [isAway, setAway] = useState(false);
  const { rows, waiting, release } = useHeldRows(query.calls, isAway || callId !== undefined);
  const select = useCallback((call: ListedRow | undefined) => { onChange({ call: call?.id }); }, [onChange]);
  const open = useCallback((call: ListedRow) => {
    void navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId: call.trace_id }, search: call.parent_span_id === null ? {} : { call: call.id } });
  }, [navigate, p]);

  const at = rows.findIndex((row) => row.id === callId);
  const move = (step: number) => { select(rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]); };
  const selected = rows[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    Enter: selected && (() => { open(selected); }),
    x: selected && (() => { selecting.toggle(selected, rows, false); }),
    X: selected && (() => { selecting.toggle(selected, rows, true); }),
    Escape: callId === undefined ? undefined : () => { select(undefined); },
  });
  return (
    <Gate query={query} what="The traces">
      {() => rows.length === 0
        ? <NoTraces project={p.project} isFiltered={list.q !== undefined} isAll={list.all === true} onClear={() => { onChange({ q: undefined }, "push"); }} onAll={() => { onChange({ all: true }, "push"); }} />
        : <><TracesTable p={p} of={JSON.stringify(list)} columns={columns} sort={parseSort(list.sort)} selecting={selecting} onColumns={onColumns} onSort={onColumns && ((sort) => { onChange({ sort }, "push"); })} rows={rows} waiting={waiting} selected={callId} hasMore={query.hasNextPage && !query.isFetchNextPageError} isLoadingMore={query.isFetchingNextPage}
            onSelect={select} onOpen={open} onMore={() => void query.fetchNextPage()} onAway={setAway} onRelease={release} /><MoreFailed query={query} what="Older calls" /></>}
    </Gate>
  );
}

/** While the reader is away from the top or reads a row, new rows wait, so that nothing moves under the eye. */
function useHeldRows(calls: readonly ListedRow[] | undefined, isReading: boolean) {
  const [held, setHeld] = useState<ListedRow | null>(null);
  const newest = calls?.[0] ?? null;
  if (!isReading && held !== null) setHeld(null);
  if (isReading && held === null && newest !== null) setHeld(newest);
  const { shown, waiting } = useMemo(() => holdBack(calls ?? [], isReading ? held : null), [calls, held, isReading]);
  return { rows: shown, waiting, release: () => { setHeld(newest); } };
}
