import { Link } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";

import type { ProjectId } from "@/api/queries";
import type { EvaluationRun } from "@/api/types";
import { moved, splitIds, withBaseline } from "@/lib/evaluation-search";
import { commitOf } from "@/lib/runs";
import { formatFull } from "@/lib/time";
import { Menu, MenuItem, MenuLabel, MenuLink, MenuRule } from "@/ui/menu";

import styles from "./compare.module.css";
import { useChange } from "./use-comparison";

interface Props {
  p: ProjectId;
  ids: string;
  runs: readonly EvaluationRun[];
  labels: readonly string[];
}

/** The first chip is the baseline. A chip is moved by its menu, by dragging it, or with Alt and the arrows. */
export function RunChips({ p, ids, runs, labels }: Props) {
  const change = useChange();
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const drop = (place: number) => {
    if (dragged !== null) change({ ids: moved(ids, dragged, place) });
    setDragged(null);
    setOver(null);
  };
  const dragOver = (event: DragEvent, place: number) => {
    if (dragged === null) return;
    event.preventDefault();
    setOver(place);
  };
  return (
    <ol className={styles.chips} aria-label="Compared runs">
      {runs.map((run, i) => (
        <li key={run.id} className={styles.chip} data-baseline={i === 0} data-over={over === i && dragged !== run.id} data-dragged={dragged === run.id} draggable
          onDragStart={(event) => { event.dataTransfer.setData("text/plain", run.id); event.dataTransfer.effectAllowed = "move"; setDragged(run.id); }}
          onDragEnd={() => { setDragged(null); setOver(null); }}
          onDragOver={(event) => { dragOver(event, i); }}
          onDrop={(event) => { event.preventDefault(); drop(i); }}>
          <Menu trigger={<ChipButton run={run} label={labels[i] ?? ""} place={i} onMove={(step) => { change({ ids: moved(ids, run.id, i + step) }); }} />}>
            <MenuLabel>{run.name}, {formatFull(run.start_us)}</MenuLabel>
            <MenuItem isDisabled={i === 0} onSelect={() => { change({ ids: withBaseline(ids, run.id) }); }}>Measure the others against it</MenuItem>
            <MenuItem isDisabled={i === 0} onSelect={() => { change({ ids: moved(ids, run.id, i - 1) }); }}>Move left<small>Alt ←</small></MenuItem>
            <MenuItem isDisabled={i === runs.length - 1} onSelect={() => { change({ ids: moved(ids, run.id, i + 1) }); }}>Move right<small>Alt →</small></MenuItem>
            <MenuRule />
            <MenuLink><Link to="/$entity/$project/evaluations/compare" params={p} search={{ ids: run.id }}>Look at it alone</Link></MenuLink>
            <MenuLink><Link to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: run.trace_id }} search={{ call: run.id }}>Open its trace</Link></MenuLink>
            <MenuRule />
            <MenuItem onSelect={() => { change({ ids: splitIds(ids).filter((each) => each !== run.id).join(",") }); }}>Leave it out</MenuItem>
          </Menu>
        </li>
      ))}
    </ol>
  );
}

interface ChipProps {
  run: EvaluationRun;
  label: string;
  place: number;
  onMove: (step: number) => void;
}

/** Radix gives it the props of a menu's trigger beside its own. */
function ChipButton({ run, label, place, onMove, ...trigger }: ChipProps) {
  const commit = commitOf(run);
  return (
    <button type="button" {...trigger} title={`${run.name}: drag it, or open its menu`}
      onKeyDownCapture={(event) => {
        const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
        if (step === 0 || !event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        onMove(step);
      }}>
      <i data-run={place} aria-hidden="true" /><b>{label}</b>{" "}<span>{[place === 0 ? "baseline" : "", commit ?? ""].filter(Boolean).join(" · ")}</span>
    </button>
  );
}
