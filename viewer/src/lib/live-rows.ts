export interface Row {
  id: string;
  start_us: number;
}

const newestFirst = (a: Row, b: Row) => b.start_us - a.start_us || (a.id < b.id ? 1 : -1);

/**
 * Puts a freshly read page of the newest rows over the known ones. A fresh row replaces the known row of that id;
 * a known row inside the range of the page that the page does not have was deleted; older rows stay.
 */
export function mergeNewest<T extends Row>(known: readonly T[], fresh: readonly T[], isWhole: boolean): T[] {
  const oldest = fresh.at(-1);
  const freshIds = new Set(fresh.map((row) => row.id));
  const older = known.filter((row) => !freshIds.has(row.id) && !isWhole && oldest !== undefined && newestFirst(oldest, row) < 0);
  return [...fresh, ...older].sort(newestFirst);
}

/** Whether more pages must be read before `fresh` covers every gap and every row in `known` that can still change. */
export function needsMore<T extends Row>(known: readonly T[], fresh: readonly T[], canChange: (row: T) => boolean): boolean {
  const oldest = fresh.at(-1);
  if (oldest === undefined || known.length === 0) return false;
  const knownIds = new Set(known.map((row) => row.id));
  const overlaps = fresh.some((row) => knownIds.has(row.id));
  return !overlaps || known.some((row) => canChange(row) && newestFirst(oldest, row) < 0);
}

/** The rows as they were when reading began, and how many have come since. */
export function holdBack<T extends Row>(rows: readonly T[], newestRead: Row | null): { shown: readonly T[]; waiting: number } {
  if (newestRead === null) return { shown: rows, waiting: 0 };
  const first = rows.findIndex((row) => newestFirst(newestRead, row) <= 0 || row.id === newestRead.id);
  const waiting = first === -1 ? 0 : first;
  return { shown: waiting === 0 ? rows : rows.slice(waiting), waiting };
}
