import { piecesDiff } from "./word-diff";

export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
  before: number | null;
  after: number | null;
}

const linesOf = (text: string) => text.split("\n").map((line) => `${line}\n`);

/** Which lines must go from `before` and which must come to make `after`, with their numbers. */
export function lineDiff(before: string, after: string): DiffLine[] {
  let [old, now] = [0, 0];
  return piecesDiff(linesOf(before), linesOf(after)).flatMap((part) =>
    part.text.slice(0, -1).split("\n").map((text): DiffLine => {
      if (part.kind !== "added") old += 1;
      if (part.kind !== "removed") now += 1;
      return { kind: part.kind, text, before: part.kind === "added" ? null : old, after: part.kind === "removed" ? null : now };
    }));
}

export interface Hunk {
  lines: DiffLine[];
  /** Lines that are the same and stand between this piece and the one before. */
  skipped: number;
}

/** What changed, with some lines around it. */
export function hunksOf(lines: readonly DiffLine[], around = 3): Hunk[] {
  const isNear = lines.map(() => false);
  lines.forEach((line, i) => { if (line.kind !== "same") isNear.fill(true, Math.max(0, i - around), i + around + 1); });
  const hunks: Hunk[] = [];
  let skipped = 0;
  lines.forEach((line, i) => {
    if (isNear[i] !== true) { skipped += 1; return; }
    if (i === 0 || isNear[i - 1] !== true) { hunks.push({ lines: [], skipped }); skipped = 0; }
    hunks.at(-1)?.lines.push(line);
  });
  return hunks;
}
