import type { Decision } from "@/api/types";
import { markOf } from "@/lib/verdict";

import styles from "./compare.module.css";

const WIDTH = 150;
const HEIGHT = 20;

interface Props {
  decision: Decision;
  higherIsBetter: boolean | null;
  /** The largest distance from zero that fits. */
  reach: number;
}

/** The 95 % interval around zero; better is to the right whichever way the numbers go. */
export function Interval({ decision: { estimate, low, high, verdict, interval }, higherIsBetter, reach }: Props) {
  const sign = higherIsBetter === false ? -1 : 1;
  const at = (value: number) => WIDTH / 2 + (reach === 0 ? 0 : (sign * value / reach) * (WIDTH / 2 - 6));
  if (estimate === null) return null;
  const ends = low === null || high === null ? null : [at(low), at(high)].sort((a, b) => a - b);
  return (
    <svg className={styles.plot} data-tone={markOf(verdict).tone} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={low === null ? "no interval" : `95 % interval ${interval}`}>
      <line x1={WIDTH / 2} x2={WIDTH / 2} y1={1} y2={HEIGHT - 1} className={styles.zero} />
      {ends && <line x1={ends[0]} x2={ends[1]} y1={HEIGHT / 2} y2={HEIGHT / 2} className={styles.reach} />}
      <circle cx={at(estimate)} cy={HEIGHT / 2} r={4.5} />
    </svg>
  );
}

/** Shares are drawn on one scale, points beside points; other numbers each on their own. */
export function reachOf(kind: string, decisions: readonly { kind: string; decision: Decision | null }[], own: Decision): number {
  const drawn = kind === "fraction" ? decisions.flatMap((each) => (each.kind === "fraction" && each.decision ? [each.decision] : [])) : [own];
  return Math.max(...drawn.flatMap(({ estimate, low, high }) => [estimate, low, high].map((value) => Math.abs(value ?? 0))));
}
