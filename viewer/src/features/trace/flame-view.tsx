import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react";

import type { CallHeader } from "@/api/types";
import { type DrawnBox, drawnBoxes, type FlameBox, flameBoxes } from "@/lib/flame";
import { parentOf, siblingsOf, stepTo } from "@/lib/neighbours";
import { plural } from "@/lib/number";
import { durationOf, formatDuration, formatTick, timeTicks } from "@/lib/time";
import { Button, Kbd } from "@/ui/button";
import { kindColor } from "@/ui/marks";
import { Marked } from "@/ui/marked";
import { useKeys } from "@/ui/use-keys";

import styles from "./flame-view.module.css";
import type { ViewProps } from "./trace-pane";

const ROW = 22;
const SPARE = 8;

interface Props extends ViewProps {
  zoom: string | undefined;
  onZoom: (id: string | undefined) => void;
}

/** Calls as boxes below those that made them, as wide as they took; a double click fills the width with one. */
export function FlameView({ roots, nodes, bounds, nowUs, selected, wanted, found, onSelect, zoom, onZoom }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, top, height } = useWindow(scroller);
  const lines = useMemo(() => byRow(flameBoxes(roots, nowUs)), [roots, nowUs]);
  const zoomed = nodes.find((node) => node.call.id === zoom)?.call;
  const from = zoomed?.start_us ?? bounds.start;
  const total = zoomed === undefined ? bounds.total : Math.max((zoomed.end_us ?? nowUs) - zoomed.start_us, 1);
  const [first, last] = [Math.max(Math.floor(top / ROW) - SPARE, 0), Math.ceil((top + height) / ROW) + SPARE];
  const drawn = useMemo(() => (width === 0 ? [] : lines.slice(first, last).flatMap((line) => drawnBoxes(line, from, total, width))), [lines, first, last, from, total, width]);

  const place = nodes.findIndex((each) => each.call.id === selected);
  const row = useMemo(() => lines.findIndex((line) => line.some((box) => box.node.call.id === selected)), [lines, selected]);
  useEffect(() => {
    const box = scroller.current;
    if (box === null || row < 0) return;
    if (row * ROW < box.scrollTop) box.scrollTop = row * ROW;
    else if ((row + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (row + 1) * ROW - box.clientHeight;
  }, [row]);
  const go = (id: string | undefined) => { if (id !== undefined) onSelect(id); };
  useKeys({
    ArrowUp: () => { go(parentOf(nodes, place)?.call.id); }, ArrowDown: () => { go(nodes[place]?.children[0]?.call.id); },
    ArrowLeft: () => { go(stepTo(siblingsOf(nodes, roots, selected), -1)); }, ArrowRight: () => { go(stepTo(siblingsOf(nodes, roots, selected), 1)); },
    Enter: () => { onZoom(selected); }, "0": () => { onZoom(undefined); },
  });
  const onKeyDown = (event: KeyboardEvent) => { if (event.key === "Home") onZoom(undefined); };
  return (
    <div className={styles.view}>
      <div className={styles.axis}>
        <span className={styles.ticks}>{timeTicks(total).map((tick) => <i key={tick} style={{ left: `${(tick / total) * 100}%` }}>{formatTick(tick, total)}</i>)}</span>
      </div>
      <div ref={scroller} className={styles.boxes} role="tree" aria-label="Flame graph" tabIndex={0} aria-activedescendant={`call-${selected}`} onKeyDown={onKeyDown}>
        <div role="presentation" style={{ height: lines.length * ROW, position: "relative" }}>
          {drawn.map((each) => <Box key={each.box.node.call.id} drawn={each} isSelected={each.box.node.call.id === selected} isDim={wanted !== "" && !found.has(each.box.node.call.id)} wanted={found.has(each.box.node.call.id) ? wanted : ""} onSelect={onSelect} onZoom={onZoom} />)}
        </div>
      </div>
      <p className={styles.foot}>
        {zoomed === undefined
          ? <span>A double click, or Enter, fills the width with a call; arrows walk.</span>
          : <><span>{zoomed.display_name ?? zoomed.op_name}, {formatDuration(total)}</span><Button look="quiet" onClick={() => { onZoom(undefined); }}>Whole trace <Kbd>Esc</Kbd></Button></>}
      </p>
    </div>
  );
}

interface BoxProps {
  drawn: DrawnBox<CallHeader>;
  isSelected: boolean;
  isDim: boolean;
  wanted: string;
  onSelect: (id: string) => void;
  onZoom: (id: string) => void;
}

const Box = memo(function Box({ drawn: { box, left, width, count }, isSelected, isDim, wanted, onSelect, onZoom }: BoxProps) {
  const { call, depth } = box.node;
  const name = call.display_name ?? call.op_name;
  const said = count > 1 ? `${plural(count, "call")}, the longest is ${name}` : `${name}, ${formatDuration(durationOf(call))}${call.error === null ? "" : `\n${call.error}`}`;
  return (
    <div id={`call-${call.id}`} className={styles.box} role="treeitem" aria-level={depth + 1} aria-selected={isSelected} aria-label={said} title={said} data-status={call.status} data-dim={isDim} data-many={count > 1}
      style={{ left, width, top: box.row * ROW, "--kind": kindColor(call.kind) }} onClick={() => { onSelect(call.id); }} onDoubleClick={() => { onZoom(call.id); }}>
      {width > 24 && count === 1 && <><span><Marked text={name} wanted={wanted} /></span>{width > 150 && <em>{formatDuration(durationOf(call))}</em>}</>}
    </div>
  );
}, (a, b) => a.drawn === b.drawn && a.isSelected === b.isSelected && a.isDim === b.isDim && a.wanted === b.wanted);

function byRow(boxes: readonly FlameBox<CallHeader>[]): FlameBox<CallHeader>[][] {
  const lines: FlameBox<CallHeader>[][] = [];
  for (const box of boxes) (lines[box.row] ??= []).push(box);
  return Array.from(lines, (line) => (line ?? []).sort((a, b) => a.start - b.start));
}

/** How wide a scrolled box is, and which part of it is in sight. */
function useWindow(ref: React.RefObject<HTMLElement | null>): { width: number; top: number; height: number } {
  const [seen, setSeen] = useState({ width: 0, top: 0, height: 0 });
  useEffect(() => {
    const box = ref.current;
    if (box === null) return;
    const look = () => { setSeen({ width: box.clientWidth, top: box.scrollTop, height: box.clientHeight }); };
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [ref]);
  return seen;
}
