import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { outlineQuery } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { Outline } from "@/api/types";
import { Segments } from "@/ui/fields";
import { Empty, Gate, Loading } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { Answer } from "./answer";
import styles from "./compare.module.css";
import { ComparedRows } from "./compared-rows";
import { MetricsTable } from "./metrics-table";
import { AddRun, ExportMenu, MakeBaseline } from "./run-actions";
import { RunChips } from "./run-chips";
import { FROM, useChange, useProject, useRows } from "./use-comparison";

const Plots = lazy(async () => ({ default: (await import("./plots")).Plots }));
const Setup = lazy(async () => ({ default: (await import("./setup")).Setup }));
const History = lazy(async () => ({ default: (await import("./row-history")).History }));

/** One run alone is a comparison of one: its metrics and its rows. */
export function ComparePage() {
  const p = useProject();
  const { ids } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const query = useQuery({ ...outlineQuery(p, ids), enabled: ids !== "" });
  useKeys({ Escape: () => { void navigate({ to: "/$entity/$project/evaluations", params: p }); } });
  const head = <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/evaluations" params={p}>Evaluations /</Link>} title="Compare" />;
  if (ids === "") return <>{head}<Empty title="Nothing to compare">Choose evaluations in the list, then compare them. <Link className={styles.link} to="/$entity/$project/evaluations" params={p}>Open the list</Link></Empty></>;
  return <Gate query={query} what="This comparison" head={head}>{(outline) => <ComparisonView p={p} ids={ids} outline={outline} />}</Gate>;
}

function ComparisonView({ p, ids, outline }: { p: ProjectId; ids: string; outline: Outline }) {
  const { comparison } = outline;
  const { labels, runs } = comparison;
  const isOne = runs.length === 1;
  const { focus, sorted } = useRows(outline);
  const { row } = useSearch({ from: FROM });
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/evaluations" params={p}>Evaluations /</Link>} title={isOne ? (labels[0] ?? "") : "Compare"}>
        {!isOne && <RunChips p={p} ids={ids} runs={runs} labels={labels} />}
        <AddRun p={p} ids={ids} runs={runs} />
        <span className="spacer" />
        {isOne && runs[0] && <Link className={styles.link} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: runs[0].trace_id }} search={{ call: runs[0].id }}>Open its trace</Link>}
        <ExportMenu p={p} ids={ids} hasVerdicts={!isOne} />
        <MakeBaseline p={p} runs={runs} labels={labels} focused={focus.run} />
      </PageBar>
      <ComparedRows p={p} outline={outline} focus={focus} sorted={sorted} above={<><Answer comparison={comparison} /><MetricsTable comparison={comparison} focused={focus.run} /><Views outline={outline} sorted={sorted} focused={focus.run} /></>} />
      {row !== undefined && runs[0] && <Suspense fallback={null}><History p={p} evaluation={runs[0].evaluation} row={row} shown={runs.map((run) => run.id)} /></Suspense>}
    </div>
  );
}

function Views({ outline, sorted, focused }: { outline: Outline; sorted: ReturnType<typeof useRows>["sorted"]; focused: number | undefined }) {
  const { view } = useSearch({ from: FROM });
  const change = useChange();
  const { runs } = outline.comparison;
  const options = [
    { value: "rows" as const, label: "Rows only" }, { value: "scatter" as const, label: "Scatter" }, { value: "parallel" as const, label: "Parallel" },
    ...(runs.length > 1 ? [{ value: "setup" as const, label: "What differs" }] : []),
  ];
  return (
    <>
      <div className={styles.views}><Segments label="View" value={view ?? "rows"} options={options} onChange={(next) => { change({ view: next === "rows" ? undefined : next, pick: undefined }); }} /></div>
      {view !== undefined && (
        <Suspense fallback={<Loading lines={3} />}>
          {view === "setup" ? <Setup runs={runs} labels={outline.comparison.labels} /> : <Plots kind={view} outline={outline} sorted={sorted} focused={focused} />}
        </Suspense>
      )}
    </>
  );
}
