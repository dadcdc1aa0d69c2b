import { type Group, GROUPS } from "./evaluation-search";

type Numbers = readonly (number | null)[];

export interface Measured {
  name: string;
  scorer: string | null;
  higher_is_better: boolean | null;
  values: readonly Numbers[];
}

export interface Outlined {
  rows: readonly { digest: string; twin: number; index: number | null; trial: number; group: Group }[];
  failed: readonly (readonly boolean[])[];
  calls: readonly (readonly (string | null)[])[];
  measures: readonly Measured[];
}

/** A row of the dataset with all its trials; `places` are where those stand in the outline. */
export interface Entry {
  key: string;
  digest: string;
  index: number | null;
  group: Group;
  places: readonly number[];
}

/** What groups and order are about: one measure or all scores, one run or all but the baseline. */
export interface Focus {
  measure: Measured | undefined;
  run: number | undefined;
}

const TINY = 1e-9;

export function entriesOf(outline: Outlined): Entry[] {
  const found = new Map<string, Entry & { places: number[] }>();
  outline.rows.forEach((row, place) => {
    const key = `${row.digest} ${row.twin}`;
    const entry = found.get(key);
    if (entry) entry.places.push(place);
    else found.set(key, { key, digest: row.digest, index: row.index, group: row.group, places: [place] });
  });
  return [...found.values()];
}

/** The mean over the trials of a row: what is compared. */
export function meanOf(values: Numbers | undefined, entry: Entry): number | null {
  let [sum, count] = [0, 0];
  for (const place of entry.places) {
    const value = values?.[place];
    if (value === null || value === undefined) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

/** The means of all rows, worked out when they are first asked for: groups, order and plots all go by them. */
export type Means = (measure: Measured, run: number) => Numbers;

export function meansOf(entries: readonly Entry[]): Means {
  const known = new Map<Measured, Numbers[]>();
  return (measure, run) => {
    const ofRuns = known.get(measure) ?? [];
    known.set(measure, ofRuns);
    return (ofRuns[run] ??= entries.map((entry) => meanOf(measure.values[run], entry)));
  };
}

/** Scores with a direction are what says whether a row got better. */
export const isScore = (measure: Measured) => measure.scorer !== null && measure.scorer !== "output" && measure.higher_is_better !== null;

const runsOf = (outline: Outlined, focus: Focus) => (focus.run === undefined ? outline.calls.map((_, run) => run).slice(1) : [focus.run]);
const measuresOf = (outline: Outlined, focus: Focus) => (focus.measure === undefined ? outline.measures.filter(isScore) : [focus.measure]);

const hasAnswer = (outline: Outlined, entry: Entry, run: number) => entry.places.some((place) => outline.calls[run]?.[place] != null && outline.failed[run]?.[place] === false);

/** The same rule by which the server groups rows over all scores and runs, for what is in focus. */
export function groupsOf(outline: Outlined, entries: readonly Entry[], focus: Focus, means: Means): Group[] {
  if (focus.measure === undefined && focus.run === undefined) return entries.map((entry) => entry.group);
  const runs = runsOf(outline, focus);
  const ways = new Uint8Array(entries.length);
  const isMissing = entries.map((entry) => [0, ...runs].some((run) => !hasAnswer(outline, entry, run)));
  for (const measure of measuresOf(outline, focus)) {
    const before = means(measure, 0);
    for (const run of runs) {
      const after = means(measure, run);
      for (let i = 0; i < entries.length; i += 1) {
        const [was, is] = [before[i] ?? null, after[i] ?? null];
        if (was === null || is === null) isMissing[i] ||= focus.measure !== undefined;
        else if (Math.abs(is - was) > TINY) ways[i] = (ways[i] ?? 0) | (is - was > 0 === measure.higher_is_better ? UP : DOWN);
      }
    }
  }
  return entries.map((_, i) => (isMissing[i] === true ? "not_comparable" : (BY_WAYS[ways[i] ?? 0] ?? "unchanged")));
}

const UP = 1;
const DOWN = 2;
const BY_WAYS: readonly Group[] = ["unchanged", "improved", "regressed", "mixed"];

export interface Sorted {
  entry: Entry;
  group: Group;
}

/** What moved is what one came to see: the largest change first, each measure against its own largest. */
export function sortedEntries(outline: Outlined, entries: readonly Entry[], focus: Focus, byRow: boolean, means: Means = meansOf(entries)): Sorted[] {
  const groups = groupsOf(outline, entries, focus, means);
  const grouped = entries.map((entry, i) => ({ entry, group: groups[i] ?? entry.group, size: 0 }));
  if (byRow) return grouped;
  for (const measure of measuresOf(outline, focus)) {
    const sizes = largestChanges(measure, runsOf(outline, focus), entries.length, means);
    const most = sizes.reduce((a, b) => Math.max(a, b), 0);
    if (most > 0) grouped.forEach((each, i) => { each.size += (sizes[i] ?? 0) / most; });
  }
  const order = new Map(ORDER.map((group, i) => [group, i]));
  return grouped.sort((a, b) => (order.get(a.group) ?? 0) - (order.get(b.group) ?? 0) || b.size - a.size);
}

/** How far each row moved in the run in which it moved most. */
function largestChanges(measure: Measured, runs: readonly number[], count: number, means: Means): Float64Array {
  const sizes = new Float64Array(count);
  const before = means(measure, 0);
  for (const run of runs) {
    const after = means(measure, run);
    for (let i = 0; i < count; i += 1) {
      const [was, is] = [before[i] ?? null, after[i] ?? null];
      if (was !== null && is !== null) sizes[i] = Math.max(sizes[i] ?? 0, Math.abs(is - was));
    }
  }
  return sizes;
}

const ORDER: readonly Group[] = ["regressed", "mixed", "improved", "not_comparable", "unchanged"];

export function countGroups(sorted: readonly Sorted[]): Record<Group, number> {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>;
  for (const { group } of sorted) counts[group] += 1;
  return counts;
}
