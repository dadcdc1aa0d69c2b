import { type Edge, type RangedAxis, rangeOf, withEdge } from "@/lib/ranges";

import { Button } from "./button";
import type { Ranges } from "./chart-canvas";
import styles from "./chart.module.css";

const STEPS = 50;

interface Props {
  axes: readonly RangedAxis[];
  /** Whether a rectangle is brushed, and not each axis by itself. */
  isRectangle: boolean;
  brushed: Ranges;
  onBrush: (ranges: Ranges) => void;
}

/** What can be brushed with a pointer, as sliders for the keyboard. */
export function ChartRanges({ axes, isRectangle, brushed, onBrush }: Props) {
  return (
    <div className={styles.ranges} role="group" aria-label="Ranges">
      {axes.filter((axis) => axis.low < axis.high).map((axis) => {
        const [from, to] = rangeOf(axis, brushed);
        const slider = (edge: Edge, value: number) => (
          <input type="range" aria-label={`${axis.name} ${edge}`} aria-valuetext={axis.format(value)} min={axis.low} max={axis.high} step={(axis.high - axis.low) / STEPS} value={value}
            onChange={(event) => { onBrush(withEdge(axes, brushed, axis.id, edge, event.target.valueAsNumber, isRectangle)); }} />
        );
        return <div key={axis.id} className={styles.range}><b>{axis.name}</b>{slider("from", from)}<span>{axis.format(from)} – {axis.format(to)}</span>{slider("to", to)}</div>;
      })}
      {Object.keys(brushed).length > 0 && <Button look="quiet" onClick={() => { onBrush({}); }}>Let go</Button>}
    </div>
  );
}
