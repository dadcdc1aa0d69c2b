import { type Entry, meanOf, type Outlined } from "./outline";

/** An axis of a plot: a number of one run. */
export interface Axis {
  run: number;
  metric: string;
}

/** What was brushed: rows whose numbers lie in all of these. */
export interface Range extends Axis {
  low: number;
  high: number;
}

export function parseAxis(text: string | undefined): Axis | null {
  const [, run, metric] = /^(\d+)\.(.+)$/s.exec(text ?? "") ?? [];
  return run === undefined || metric === undefined ? null : { run: Number(run), metric };
}

export const formatAxis = ({ run, metric }: Axis): string => `${run}.${metric}`;

/** `0.correct~0~0.5;1.correct~0.5~1`: short enough for an address. */
export const formatPick = (ranges: readonly Range[]): string => ranges.map((range) => `${encodeURIComponent(formatAxis(range))}~${short(range.low)}~${short(range.high)}`).join(";");

const short = (value: number) => Number(value.toPrecision(5)).toString();

export function parsePick(text: string | undefined): Range[] {
  return (text ?? "").split(";").flatMap((part) => {
    const [name = "", low = "", high = ""] = part.split("~");
    const axis = parseAxis(decode(name));
    const [from, to] = [Number(low), Number(high)];
    return axis === null || low === "" || high === "" || !Number.isFinite(from) || !Number.isFinite(to) ? [] : [{ ...axis, low: from, high: to }];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

export const valueAt = (outline: Outlined, entry: Entry, axis: Axis): number | null =>
  meanOf(outline.measures.find((measure) => measure.name === axis.metric)?.values[axis.run], entry);

export const isPicked = (outline: Outlined, entry: Entry, ranges: readonly Range[]): boolean =>
  ranges.every((range) => { const value = valueAt(outline, entry, range); return value !== null && value >= range.low && value <= range.high; });
