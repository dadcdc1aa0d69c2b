import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";

import type { Stats } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";

import styles from "./histogram.module.css";

export interface Window {
  from: number;
  to: number;
}

interface Props {
  buckets: Stats["histogram"];
  window: Window | null;
  onBrush: ((window: Window | null, how: "drag" | "key") => void) | undefined;
}

const HEIGHT = 44;
const SLOT = 10;

/** Calls over time. A drag over the bars, or the arrows on either edge, say from when to when calls are wanted. */
export function Histogram({ buckets, window, onBrush }: Props) {
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const count = buckets.length;
  const isInside = (at: number) => {
    const bucket = buckets[at];
    if (drag !== null) return Math.min(...drag) <= at && at <= Math.max(...drag);
    return window === null || (bucket !== undefined && bucket.end_us > window.from && bucket.start_us < window.to);
  };
  const inside = buckets.flatMap((_, at) => (isInside(at) ? [at] : []));
  const [first, last] = [inside[0] ?? 0, inside.at(-1) ?? count - 1];
  const isBrushed = drag !== null || window !== null;
  const brush = (from: number, to: number, how: "drag" | "key") => {
    const [start, end] = [buckets[Math.max(Math.min(from, to), 0)], buckets[Math.min(Math.max(from, to), count - 1)]];
    if (start && end) onBrush?.({ from: start.start_us, to: end.end_us }, how);
  };
  const slotAt = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    return box ? Math.min(Math.max(Math.floor(((event.clientX - box.left) / box.width) * count), 0), count - 1) : 0;
  };
  const onKey = (event: KeyboardEvent, edge: "from" | "to") => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key] ?? 0;
    if (event.key === "Escape" && window !== null) onBrush?.(null, "key");
    else if (step === 0) return;
    else if (edge === "from") brush(Math.min(Math.max(first + step, 0), last), last, "key");
    else brush(first, Math.max(Math.min(last + step, count - 1), first), "key");
    event.preventDefault();
    event.stopPropagation();
  };
  const edges = [{ edge: "from" as const, at: first, us: buckets[first]?.start_us ?? 0, left: first / count }, { edge: "to" as const, at: last, us: buckets[last]?.end_us ?? 0, left: (last + 1) / count }];
  return (
    <div ref={frame} className={styles.frame} data-brushed={isBrushed}
      onPointerDown={(event) => { if (event.button === 0 && onBrush !== undefined) { event.currentTarget.setPointerCapture(event.pointerId); setDrag([slotAt(event), slotAt(event)]); } }}
      onPointerMove={(event) => { if (drag !== null) setDrag([drag[0], slotAt(event)]); }}
      onPointerUp={() => { if (drag !== null) brush(drag[0], drag[1], "drag"); setDrag(null); }}
      onPointerCancel={() => { setDrag(null); }}>
      <Bars buckets={buckets} isInside={isInside} shade={isBrushed && count > 0 ? [first, last] : null} />
      {count > 1 && onBrush !== undefined && edges.map(({ edge, at, us, left }) => (
        <span key={edge} className={styles.edge} role="slider" tabIndex={0} aria-label={edge === "from" ? "Calls from" : "Calls until"} aria-valuemin={0} aria-valuemax={count - 1} aria-valuenow={at} aria-valuetext={formatFull(us)}
          style={{ left: `${left * 100}%` }} onKeyDown={(event) => { onKey(event, edge); }} />
      ))}
    </div>
  );
}

function Bars({ buckets, isInside, shade }: { buckets: Stats["histogram"]; isInside: (at: number) => boolean; shade: [number, number] | null }) {
  const highest = Math.max(...buckets.map((bucket) => bucket.count), 1);
  const scale = (count: number) => (count === 0 ? 0 : Math.max((count / highest) * HEIGHT, 2));
  return (
    <svg viewBox={`0 0 ${Math.max(buckets.length, 1) * SLOT} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Calls over time, at most ${plural(highest, "call")} a bar`}>
      {shade !== null && <rect className={styles.shade} x={shade[0] * SLOT} y={0} width={(shade[1] - shade[0] + 1) * SLOT} height={HEIGHT} />}
      {buckets.map((bucket, i) => {
        const [all, errors] = [scale(bucket.count), scale(bucket.errors)];
        return (
          <g key={bucket.start_us} className={styles.bar} data-inside={isInside(i)}>
            <title>{`${formatStarted(bucket.start_us)}: ${formatCount(bucket.count)}, errors ${formatCount(bucket.errors)}`}</title>
            <rect x={i * SLOT} y={0} width={SLOT} height={HEIGHT} fill="transparent" />
            <rect x={i * SLOT + 1} y={HEIGHT - all} width={SLOT - 2} height={all} fill="var(--accent)" />
            <rect x={i * SLOT + 1} y={HEIGHT - errors} width={SLOT - 2} height={errors} fill="var(--bad)" />
          </g>
        );
      })}
    </svg>
  );
}
