import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { comparisonQuery, type ProjectId } from "@/api/queries";
import type { Comparison } from "@/api/types";
import { splitIds, withBaseline } from "@/lib/search";
import { Empty, Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { Answer } from "./answer";
import { ComparedRows } from "./compared-rows";
import styles from "./compare.module.css";
import { MetricsTable } from "./metrics-table";
import { RunChips } from "./run-chips";

const FROM = "/$entity/$project/evaluations/compare";

/** One run alone is a comparison of one: its metrics and its rows. */
export function ComparePage() {
  const { entity, project } = useParams({ from: FROM });
  const { ids } = useSearch({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const navigate = useNavigate({ from: FROM });
  const query = useQuery({ ...comparisonQuery(p, ids), enabled: ids !== "" });
  useKeys({ Escape: () => { void navigate({ to: "/$entity/$project/evaluations", params: p }); } });
  if (ids === "") return <Empty title="Nothing to compare">Choose evaluations in the list, then compare them. <Link className={styles.link} to="/$entity/$project/evaluations" params={p}>Open the list</Link></Empty>;
  return <Gate query={query}>{(comparison) => <ComparisonView p={p} ids={ids} comparison={comparison} />}</Gate>;
}

function ComparisonView({ p, ids, comparison }: { p: ProjectId; ids: string; comparison: Comparison }) {
  const navigate = useNavigate({ from: FROM });
  const change = (next: string) => { void navigate({ search: (before) => ({ ...before, ids: next }), replace: true }); };
  const { labels } = comparison;
  const isOne = comparison.runs.length === 1;
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/evaluations" params={p}>Evaluations /</Link>} title={isOne ? (labels[0] ?? "") : "Compare"}>
        {!isOne && <RunChips runs={comparison.runs} labels={labels} onBaseline={(id) => { change(withBaseline(ids, id)); }} onRemove={(id) => { change(splitIds(ids).filter((each) => each !== id).join(",")); }} />}
        {isOne && comparison.runs[0] && <Link className={styles.link} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: comparison.runs[0].trace_id }} search={{ call: comparison.runs[0].id }}>Open its trace →</Link>}
      </PageBar>
      <ComparedRows p={p} comparison={comparison} labels={labels} above={<><Answer comparison={comparison} /><MetricsTable comparison={comparison} /></>} />
    </div>
  );
}
