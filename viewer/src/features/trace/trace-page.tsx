import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import { callQuery, type ProjectId, traceQuery } from "@/api/queries";
import type { CallHeader, Trace } from "@/api/types";
import { formatCost, formatSumTokens, plural } from "@/lib/number";
import type { TraceSearch } from "@/lib/search";
import { chipScores } from "@/lib/scores";
import { durationOf, formatDuration, formatStarted } from "@/lib/time";
import { buildForest, type TreeNode, visibleRows } from "@/lib/tree";
import { Score, StatusDot } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { CallPanel } from "./call-panel";
import styles from "./trace.module.css";
import { TracePane } from "./trace-pane";

const FROM = "/$entity/$project/traces/$traceId";
const NONE: ReadonlySet<string> = new Set();

export function TracePage() {
  const { entity, project, traceId } = useParams({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const query = useQuery(traceQuery(p, traceId));
  return <Gate query={query} what="This trace" head={<PageBar crumb={<Link className={crumbClass} to="/$entity/$project/traces" params={p}>Traces /</Link>} title={`Trace ${traceId.slice(0, 8)}`} />}>{(trace) => <TraceView p={p} trace={trace} readAtUs={query.dataUpdatedAt * 1_000} />}</Gate>;
}

function TraceView({ p, trace, readAtUs }: { p: ProjectId; trace: Trace; readAtUs: number }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const roots = useMemo(() => buildForest(trace.calls), [trace.calls]);
  const nodes = useMemo(() => visibleRows(roots, NONE), [roots]);
  const change = useCallback((next: TraceSearch) => { void navigate({ search: (before) => ({ ...before, ...next }), replace: true }); }, [navigate]);
  const toList = () => { void navigate({ to: "/$entity/$project/traces", params: p }); };
  useKeys({ Escape: search.zoom === undefined ? toList : () => { change({ zoom: undefined }); } });

  const root = roots[0];
  const selected = useMemo(() => nodes.find((node) => node.call.id === search.call) ?? root, [nodes, search.call, root]);
  if (root === undefined || selected === undefined) return <Empty title="This trace is empty">Its calls were deleted.</Empty>;
  const { call } = selected;
  return (
    <div className={page.page}>
      <TraceBar p={p} root={root} count={trace.calls.length} />
      <div className={page.split}>
        <TracePane p={p} roots={roots} nodes={nodes} calls={trace.calls} nowUs={readAtUs} selected={selected} search={search} onChange={change} />
        <CallPanel key={call.id} p={p} node={selected} roots={roots} nodes={nodes} calls={trace.calls} tab={search.tab} onTab={(tab) => { change({ tab }); }} onSelect={(id) => { change({ call: id }); }} onDeleted={call.id === root.call.id ? toList : () => { change({ call: undefined }); }} />
      </div>
    </div>
  );
}

function TraceBar({ p, root, count }: { p: ProjectId; root: TreeNode<CallHeader>; count: number }) {
  const call = root.call;
  const { data } = useQuery(callQuery(p, call.id));
  const facts = [formatDuration(durationOf(call)), plural(count, "call"), call.sum_tokens === null ? "" : `Σ ${formatSumTokens(call)} tokens`, call.sum_cost === null ? "" : `Σ ${formatCost(call)}`, formatStarted(call.start_us)];
  return (
    <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/traces" params={p}>Traces /</Link>} title={<>{call.display_name ?? call.op_name}{call.status !== "success" && <StatusDot status={call.status} />}</>}>
      {chipScores(data?.scores ?? {}).map(([name, value]) => <Score key={name} name={name} value={value} />)}
      <span className="mid small">{facts.filter((fact) => fact !== "" && fact !== "—").join(" · ")}</span>
      <span className="spacer" />
      {call.thread_id !== null && <Link className={styles.link} to="/$entity/$project/threads/$threadId" params={{ ...p, threadId: call.thread_id }} search={{ turn: call.id }}>Thread {call.thread_id}</Link>}
      {call.kind === "evaluation" && <Link className={styles.link} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: call.id }}>Show its scores and rows →</Link>}
    </PageBar>
  );
}
