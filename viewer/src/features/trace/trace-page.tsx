import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { callQuery, type ProjectId, traceQuery } from "@/api/queries";
import type { CallHeader, Trace } from "@/api/types";
import type { TraceSearch } from "@/lib/search";
import { buildForest, type TreeNode } from "@/lib/tree";
import { formatCost, formatSumTokens, plural } from "@/lib/number";
import { durationOf, formatDuration, formatStarted } from "@/lib/time";
import { Score, StatusDot } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { CallPanel } from "./call-panel";
import { CallTree } from "./call-tree";
import styles from "./trace.module.css";

const FROM = "/$entity/$project/traces/$traceId";

export function TracePage() {
  const { entity, project, traceId } = useParams({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const query = useQuery(traceQuery(p, traceId));
  return <Gate query={query}>{(trace) => <TraceView p={p} trace={trace} readAtUs={query.dataUpdatedAt * 1_000} />}</Gate>;
}

function TraceView({ p, trace, readAtUs }: { p: ProjectId; trace: Trace; readAtUs: number }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const roots = useMemo(() => buildForest(trace.calls), [trace.calls]);
  const change = (next: TraceSearch) => { void navigate({ search: (before) => ({ ...before, ...next }), replace: true }); };
  const toList = () => { void navigate({ to: "/$entity/$project/traces", params: p }); };
  useKeys({ Escape: toList });

  const root = roots[0];
  if (root === undefined) return <Empty title="This trace is empty">Its calls were deleted.</Empty>;
  const selected = trace.calls.find((call) => call.id === search.call) ?? root.call;
  return (
    <div className={page.page}>
      <TraceBar p={p} root={root} count={trace.calls.length} />
      <div className={page.split}>
        <CallTree roots={roots} calls={trace.calls} nowUs={readAtUs} selected={selected.id} filter={search.filter ?? ""} onFilter={(filter) => { change({ filter: filter === "" ? undefined : filter }); }} onSelect={(call) => { change({ call }); }} />
        <CallPanel key={selected.id} p={p} header={selected} roots={roots} tab={search.tab} onTab={(tab) => { change({ tab }); }} onDeleted={selected.id === root.call.id ? toList : () => { change({ call: undefined }); }} />
      </div>
    </div>
  );
}

function TraceBar({ p, root, count }: { p: ProjectId; root: TreeNode<CallHeader>; count: number }) {
  const call = root.call;
  const { data } = useQuery(callQuery(p, call.id));
  const facts = [formatDuration(durationOf(call)), plural(count, "call"), call.sum_tokens === null ? "" : `Σ ${formatSumTokens(call)} tokens`, formatCost(call), formatStarted(call.start_us), call.thread_id === null ? "" : `thread ${call.thread_id}`];
  return (
    <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/traces" params={p}>Traces /</Link>} title={<>{call.display_name ?? call.op_name}{call.status !== "success" && <StatusDot status={call.status} />}</>}>
      {Object.entries(data?.scores ?? {}).map(([name, value]) => <Score key={name} name={name} value={value} />)}
      <span className="mid small">{facts.filter((fact) => fact !== "" && fact !== "—").join(" · ")}</span>
      {call.kind === "evaluation" && <><span className="spacer" /><Link className={styles.link} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: call.id }}>Show its scores and rows →</Link></>}
    </PageBar>
  );
}
