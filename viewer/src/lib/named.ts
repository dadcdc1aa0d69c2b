/** How well a name fits what was typed: all words must be in it; what begins with them comes first. */
function fit(name: string, words: readonly string[]): number {
  const lower = name.toLowerCase();
  if (!words.every((word) => lower.includes(word))) return 0;
  const first = words[0] ?? "";
  if (lower.startsWith(first)) return 3;
  const at = lower.indexOf(first);
  return /[\s_./:-]/.test(lower[at - 1] ?? "") ? 2 : 1;
}

/** The items whose names fit best, in their order where they fit alike, and how many others do. */
export function bestNamed<T>(items: readonly T[], nameOf: (item: T) => string, wanted: string, most: number): { found: T[]; others: number } {
  const words = wanted.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const fitting = words.length === 0 ? items.map((item) => ({ item, how: 1 })) : items.map((item) => ({ item, how: fit(nameOf(item), words) })).filter(({ how }) => how > 0);
  const best = [3, 2, 1].flatMap((how) => fitting.filter((each) => each.how === how));
  return { found: best.slice(0, most).map(({ item }) => item), others: Math.max(best.length - most, 0) };
}
