import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { evaluationsQuery, type ProjectId } from "@/api/queries";
import type { EvaluationRun } from "@/api/types";
import { Button, Kbd } from "@/ui/button";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { EvaluationsTable } from "./evaluations-table";

const MOST = 8;
const EXAMPLE = `import asyncio, weavelite

evaluation = weavelite.Evaluation(dataset=rows, scorers=[exact_match])
asyncio.run(evaluation.evaluate(answer))`;

export function EvaluationsPage() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const p = { entity, project };
  const query = useQuery(evaluationsQuery(p));
  return (
    <Gate query={query}>
      {({ evaluations }) => evaluations.length === 0
        ? <div className={page.page}><PageBar title="Evaluations" /><Empty title="No evaluations yet" code={EXAMPLE}>An evaluation runs a model over the rows of a dataset and scores each answer. Run it twice, with a change in between, and compare the two here.</Empty></div>
        : <Runs p={p} runs={evaluations} />}
    </Gate>
  );
}

function Runs({ p, runs }: { p: ProjectId; runs: EvaluationRun[] }) {
  const navigate = useNavigate();
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [at, setAt] = useState(-1);
  const open = (ids: readonly string[]) => { void navigate({ to: "/$entity/$project/evaluations/compare", params: p, search: { ids: ids.join(",") } }); };
  const toggle = (id: string) => {
    if (picked.includes(id)) setPicked(picked.filter((each) => each !== id));
    else if (picked.length < MOST) setPicked([...picked, id]);
  };
  // The oldest run is what the others are measured against, until the reader says otherwise.
  const compare = () => { if (picked.length >= 2) open(runs.filter((run) => picked.includes(run.id)).reverse().map((run) => run.id)); };
  const move = (step: number) => { setAt(Math.min(Math.max(at + step, 0), runs.length - 1)); };
  const current = runs[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    x: current && (() => { toggle(current.id); }),
    Enter: current && (() => { open([current.id]); }),
    c: compare,
    Escape: picked.length === 0 ? undefined : () => { setPicked([]); },
  });
  return (
    <div className={page.page}>
      <PageBar title="Evaluations">
        <span className="mid small">{picked.length === 0 ? <>Select two or more to compare them <Kbd>j</Kbd> <Kbd>k</Kbd> <Kbd>x</Kbd></> : `${picked.length} of at most ${MOST} selected`}</span>
        <span className="spacer" />
        <Button look={picked.length >= 2 ? "primary" : "plain"} disabled={picked.length < 2} onClick={compare}>Compare <Kbd>c</Kbd></Button>
      </PageBar>
      <EvaluationsTable p={p} runs={runs} picked={picked} current={current?.id} isFull={picked.length >= MOST} onToggle={toggle} />
    </div>
  );
}
