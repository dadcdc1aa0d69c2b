/** A seeded generator (mulberry32), so that the pages look the same at each start. */
export function makeRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join("");
  const between = (low: number, high: number) => Math.round(low + next() * (high - low));
  function pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(next() * items.length)] ?? items[0];
  }
  return { next, hex, between, pick };
}

export type Random = ReturnType<typeof makeRandom>;
