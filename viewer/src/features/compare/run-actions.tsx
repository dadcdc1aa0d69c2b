import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { evaluationsQuery, exportAddress, useMakeBaseline } from "@/api/evaluation-queries";
import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { EvaluationRun } from "@/api/types";
import { formatStarted } from "@/lib/time";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { Menu, MenuItem, MenuLabel, MenuLink } from "@/ui/menu";

import styles from "./compare.module.css";
import { useChange } from "./use-comparison";

const MOST = 8;

/** Runs of the same evaluation come first: the others share rows by chance. */
export function AddRun({ p, ids, runs }: { p: ProjectId; ids: string; runs: readonly EvaluationRun[] }) {
  const change = useChange();
  const [isOpen, setOpen] = useState(false);
  const { data, isPending } = useQuery({ ...evaluationsQuery(p), enabled: isOpen });
  const others = (data?.evaluations ?? []).filter((run) => !runs.some((each) => each.id === run.id));
  const evaluation = runs[0]?.evaluation;
  const parts = [{ title: evaluation ?? "", found: others.filter((run) => run.evaluation === evaluation) }, { title: "Other evaluations", found: others.filter((run) => run.evaluation !== evaluation) }];
  if (runs.length >= MOST) return <span className="dim small">At most {MOST} runs are compared.</span>;
  return (
    <Menu onOpen={setOpen} trigger={<Button aria-label="Add a run">+ Add</Button>}>
      {isPending ? <MenuLabel>Looking for runs…</MenuLabel> : others.length === 0 && <MenuLabel>There is no other run: evaluate once more, with a change in between.</MenuLabel>}
      {parts.map(({ title, found }) => found.length > 0 && [
        <MenuLabel key={title}>{title}</MenuLabel>,
        ...found.map((run) => <MenuItem key={run.id} onSelect={() => { change({ ids: `${ids},${run.id}` }); }}>{run.name}<small>{run.model} · {formatStarted(run.start_us)}</small></MenuItem>),
      ])}
    </Menu>
  );
}

export function ExportMenu({ p, ids, hasVerdicts }: { p: ProjectId; ids: string; hasVerdicts: boolean }) {
  return !isShared && (
    <Menu align="end" trigger={<Button>Export</Button>}>
      {hasVerdicts && <MenuLink><a href={exportAddress(p, ids, "markdown")} download="comparison.md">Verdicts as Markdown<small>for a pull request</small></a></MenuLink>}
      <MenuLink><a href={exportAddress(p, ids, "csv")} download="comparison.csv">Rows as CSV<small>whole texts</small></a></MenuLink>
    </Menu>
  );
}

/** The mark is the project's: the terminal and gates measure against it too, so it is asked for once more. */
export function MakeBaseline({ p, runs, labels, focused }: { p: ProjectId; runs: readonly EvaluationRun[]; labels: readonly string[]; focused: number | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const { mutate, isPending, error } = useMakeBaseline(p);
  const change = useChange();
  const place = runs.length === 1 ? 0 : (focused ?? (runs.length === 2 ? 1 : runs.length - 1));
  const [run, label = ""] = [runs[place], labels[place]];
  if (run === undefined || run.status === "running") return null;
  if (run.is_baseline) return <span className="mid small">{label.length > 22 ? "It" : label} is the baseline of {run.evaluation}</span>;
  if (isShared) return null;
  const mark = () => {
    mutate(run.id, {
      onSuccess: () => {
        setOpen(false);
        if (runs.length > 1) change({ ids: [run.id, ...runs.map((each) => each.id).filter((id) => id !== run.id)].join(","), run: undefined });
      },
    });
  };
  return (
    <>
      <Button look="primary" className={styles.mark} title={`Make ${label} the baseline`} onClick={() => { setOpen(true); }}>Make {label.length > 22 ? "it" : label} the baseline</Button>
      <Dialog title={`Make ${label} the baseline?`} isOpen={isOpen} onClose={() => { setOpen(false); }}
        description={<>From now on runs of <b>{run.evaluation}</b> are measured against it: on this page, by <code>weavelite eval compare</code>, and by gates. The marks before stay in the history.</>}>
        {error && <p role="alert" className={styles.error}>{error.message} <Link to="/$entity/$project/evaluations" params={p}>Open the list.</Link></p>}
        <DialogActions><Button onClick={() => { setOpen(false); }}>Cancel</Button><Button look="primary" disabled={isPending} onClick={mark}>Make it the baseline</Button></DialogActions>
      </Dialog>
    </>
  );
}
