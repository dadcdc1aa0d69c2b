import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";

import { evaluationsQuery, LISTED_RUNS } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import type { EvaluationRun } from "@/api/types";
import type { EvaluationsSearch } from "@/lib/evaluation-search";
import { filterRuns, sortRuns } from "@/lib/runs";
import { Button, Kbd } from "@/ui/button";
import { SearchBox, Select } from "@/ui/fields";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import styles from "./evaluations.module.css";
import { EvaluationsTable } from "./evaluations-table";

const MOST = 8;
const FROM = "/$entity/$project/evaluations";
const EXAMPLE = `import asyncio, weavelite

evaluation = weavelite.Evaluation(
    dataset=rows, scorers=[exact_match])
asyncio.run(evaluation.evaluate(answer))`;

export function EvaluationsPage() {
  const { entity, project } = useParams({ from: FROM });
  const p = useMemo(() => ({ entity, project }), [entity, project]);
  const query = useQuery(evaluationsQuery(p));
  return (
    <Gate query={query} what="The runs" head={<PageBar title="Evaluations" />}>
      {({ evaluations }) => evaluations.length === 0
        ? <div className={page.page}><PageBar title="Evaluations" /><Empty title="No evaluations yet" code={EXAMPLE}>An evaluation runs a model over the rows of a dataset and scores each answer. Run it twice, with a change in between, and compare the two here: which is better, how sure that is, and on which rows it got worse.</Empty></div>
        : <Runs p={p} runs={evaluations} />}
    </Gate>
  );
}

const namesOf = (runs: readonly EvaluationRun[], name: (run: EvaluationRun) => string | null) => [...new Set(runs.flatMap((run) => name(run) ?? []))].sort().map((value) => ({ value, label: value }));

function Runs({ p, runs: all }: { p: ProjectId; runs: EvaluationRun[] }) {
  const navigate = useNavigate({ from: FROM });
  const search = useSearch({ from: FROM });
  const runs = useMemo(() => sortRuns(filterRuns(all, search), search.sort), [all, search]);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [at, setAt] = useState(-1);
  const box = useRef<HTMLInputElement>(null);
  const change = (changes: { [K in keyof EvaluationsSearch]?: EvaluationsSearch[K] | undefined }) => {
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined && value !== "")), replace: true });
  };
  const open = (ids: readonly string[]) => { void navigate({ to: "/$entity/$project/evaluations/compare", params: p, search: { ids: ids.join(",") } }); };
  const toggle = (id: string) => {
    if (picked.includes(id)) setPicked(picked.filter((each) => each !== id));
    else if (picked.length < MOST) setPicked([...picked, id]);
  };
  const compare = () => { if (picked.length >= 2) open(inOrder(all, picked)); };
  const move = (step: number) => { setAt(Math.min(Math.max(at + step, 0), runs.length - 1)); };
  const current = runs[at];
  useKeys({
    "/": () => { box.current?.focus(); },
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    x: current && (() => { toggle(current.id); }),
    Enter: current && (() => { open([current.id]); }),
    c: compare,
    Escape: picked.length === 0 ? undefined : () => { setPicked([]); },
  });
  const [datasets, models] = [namesOf(all, (run) => run.dataset), namesOf(all, (run) => run.model)];
  return (
    <div className={page.page}>
      <PageBar title="Evaluations">
        <SearchBox label="Filter by name, model, commit" value={search.q ?? ""} inputRef={box} hint="/" onChange={(q) => { change({ q }); }} />
        <Select label="Dataset" value={search.dataset ?? ""} options={[{ value: "", label: "Any dataset" }, ...datasets]} onChange={(dataset) => { change({ dataset }); }} />
        <Select label="Model" value={search.model ?? ""} options={[{ value: "", label: "Any model" }, ...models]} onChange={(model) => { change({ model }); }} />
        <Link className={styles.board} to="/$entity/$project/evaluations/leaderboard" params={p} search={search.dataset === undefined ? {} : { dataset: search.dataset }}>Leaderboard</Link>
        <span className="mid small">{picked.length === 0 ? <><Kbd>j</Kbd> <Kbd>k</Kbd> <Kbd>x</Kbd></> : `${picked.length} of at most ${MOST} selected`}</span>
        <Button look={picked.length >= 2 ? "primary" : "plain"} disabled={picked.length < 2} title="Select two or more runs to compare them" onClick={compare}>Compare <Kbd>c</Kbd></Button>
      </PageBar>
      {all.length >= LISTED_RUNS && <p className={styles.newest}>The newest {LISTED_RUNS} runs. Older ones are in <Link className={styles.board} to="/$entity/$project/traces" params={p} search={{ q: "kind:evaluation" }}>the traces</Link>.</p>}
      {runs.length === 0
        ? <Empty title="No run fits">None of the {all.length} runs has all of that. <Link className={styles.board} to="/$entity/$project/evaluations" params={p}>Show all runs</Link></Empty>
        : <EvaluationsTable p={p} runs={runs} picked={picked} current={current?.id} isFull={picked.length >= MOST} sort={search.sort} onSort={(sort) => { change({ sort }); }} onToggle={toggle} />}
    </div>
  );
}

/** What was marked as the baseline comes first, else the oldest: the others are measured against it. */
function inOrder(runs: readonly EvaluationRun[], picked: readonly string[]): string[] {
  const chosen = runs.filter((run) => picked.includes(run.id)).reverse();
  const marked = chosen.find((run) => run.is_baseline);
  return [...(marked ? [marked] : []), ...chosen.filter((run) => run !== marked)].map((run) => run.id);
}
