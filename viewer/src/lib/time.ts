const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

// Not by Intl, the first use of which costs a page 50 to 120 ms.
const two = (n: number) => String(n).padStart(2, "0");
const clockShort = (at: Date) => `${two(at.getHours())}:${two(at.getMinutes())}`;
const clock = (at: Date) => `${clockShort(at)}:${two(at.getSeconds())}`;
const day = (at: Date) => `${at.getDate()} ${MONTHS[at.getMonth()]}`;

const toDate = (us: number) => new Date(us / US_PER_MS);
const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

export function formatDuration(us: number | null): string {
  if (us === null) return "—";
  if (us < US_PER_MS) return `${Math.round(us)} µs`;
  // The unit is chosen after rounding, so that 999.7 ms reads 1.00 s and never 1000 ms.
  if (us < 999.5 * US_PER_MS) return us < 9.95 * US_PER_MS ? `${(us / US_PER_MS).toFixed(1)} ms` : `${Math.round(us / US_PER_MS)} ms`;
  const seconds = us / US_PER_S;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const durationOf = (call: { start_us: number; end_us: number | null }) =>
  call.end_us === null ? null : call.end_us - call.start_us;

/** 14:02:11 today, 3 Nov 14:02 on any other day. */
export function formatStarted(us: number, now = new Date()): string {
  const date = toDate(us);
  return sameDay(date, now) ? clock(date) : `${day(date)} ${clockShort(date)}`;
}

/** 3 Nov 2026, 14:02:11.042 */
export function formatFull(us: number): string {
  const at = toDate(us);
  return `${day(at)} ${at.getFullYear()}, ${clock(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** 3 Nov 10:07 – 12:15, 3 Nov 10:07 – today 12:15 */
export function formatRange(firstUs: number | null, lastUs: number | null, now = new Date()): string {
  if (firstUs === null || lastUs === null) return "";
  const [first, last] = [toDate(firstUs), toDate(lastUs)];
  const dayOf = (at: Date) => sameDay(at, now) ? "today" : day(at);
  const from = `${dayOf(first)} ${clockShort(first)}`;
  const until = `${sameDay(first, last) ? "" : `${dayOf(last)} `}${clockShort(last)}`;
  return from.endsWith(` ${until}`) ? from : `${from} – ${until}`;
}

/** Round marks for a time axis of `totalUs`: at most `most` steps of 1, 2 or 5 times a power of ten. */
export function timeTicks(totalUs: number, most = 4): number[] {
  if (totalUs <= 0) return [0];
  const rough = totalUs / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = 0; at <= totalUs; at += step) ticks.push(at);
  return ticks;
}

export function formatTick(us: number, totalUs: number): string {
  if (us === 0) return "0";
  const [unit, size] = totalUs >= US_PER_S ? ["s", US_PER_S] : totalUs >= US_PER_MS ? ["ms", US_PER_MS] : ["µs", 1];
  return `${Number((us / Number(size)).toPrecision(6))} ${unit}`;
}
