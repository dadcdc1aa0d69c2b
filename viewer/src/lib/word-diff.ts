export interface DiffPart {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Beyond this many comparisons, the table of the plain method would cost seconds and gigabytes. */
const TABLE_LIMIT = 1_000_000;

/** Texts that are longer together are compared by lines at first. */
const BY_LINES = 200_000;
/** Passages that are longer together are not compared by words: that would take seconds. */
const BY_WORDS = 4_000_000;

/** Words and the spaces between them, so that joining the pieces gives the text back. */
const words = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** What must go from `before` and what must come to make `after`. Nothing is cut: the parts join to both texts. */
export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const parts: DiffPart[] = [];
  if (before.length + after.length > BY_LINES) byLines(before, after, parts);
  else compare(words(before), words(after), parts);
  return withoutCrumbs(parts);
}

const lines = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Where lines differ, their words are compared. */
function byLines(before: string, after: string, parts: DiffPart[]) {
  const changed = { removed: "", added: "" };
  const flush = () => {
    const { removed, added } = changed;
    if (removed.length + added.length <= BY_WORDS) compare(words(removed), words(added), parts);
    else byEnds(removed, added, parts);
    changed.removed = changed.added = "";
  };
  for (const part of piecesDiff(lines(before), lines(after))) {
    if (part.kind !== "same") { changed[part.kind] += part.text; continue; }
    flush();
    push(parts, "same", [part.text]);
  }
  flush();
}

/** Whether a text would be torn in a word, or in a letter, where it is cut. */
const isInWord = (text: string, at: number) => /^[\p{L}\p{N}_]{2}$|[\uDC00-\uDFFF]$/u.test(text.slice(at - 1, at + 1));

/** How two passages begin and end alike. */
function byEnds(before: string, after: string, parts: DiffPart[]) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  while (head > 0 && (isInWord(before, head) || isInWord(after, head))) head -= 1;
  while (tail > 0 && (isInWord(before, before.length - tail) || isInWord(after, after.length - tail))) tail -= 1;
  push(parts, "same", [before.slice(0, head)].filter(Boolean));
  push(parts, "removed", [before.slice(head, before.length - tail)].filter(Boolean));
  push(parts, "added", [after.slice(head, after.length - tail)].filter(Boolean));
  push(parts, "same", [before.slice(before.length - tail)].filter(Boolean));
}

/** The same of any pieces. */
export function piecesDiff(before: string[], after: string[]): DiffPart[] {
  const parts: DiffPart[] = [];
  compare(before, after, parts);
  return parts;
}

/** A space or a comma that two rewritten passages share is no common text: marked as such it only tears them apart. */
function withoutCrumbs(parts: readonly DiffPart[]): DiffPart[] {
  const tidy: DiffPart[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    push(tidy, "removed", removed === "" ? [] : [removed]);
    push(tidy, "added", added === "" ? [] : [added]);
    [removed, added] = ["", ""];
  };
  parts.forEach((part, i) => {
    const isCrumb = part.kind === "same" && i > 0 && i < parts.length - 1 && removed !== "" && added !== "" && !/[\p{L}\p{N}]/u.test(part.text);
    if (part.kind === "same" && !isCrumb) flush();
    if (part.kind === "same" && !isCrumb) push(tidy, "same", [part.text]);
    if (part.kind === "removed" || isCrumb) removed += part.text;
    if (part.kind === "added" || isCrumb) added += part.text;
  });
  flush();
  return tidy;
}

function push(parts: DiffPart[], kind: DiffPart["kind"], pieces: readonly string[]) {
  if (pieces.length === 0) return;
  const text = pieces.join("");
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}

function compare(a: string[], b: string[], parts: DiffPart[]) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  push(parts, "same", a.slice(0, head));
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (left.length * right.length <= TABLE_LIMIT) byTable(left, right, parts);
  else if (!byPath(left, right, parts)) byAnchor(left, right, parts);
  push(parts, "same", a.slice(a.length - tail));
}

function byTable(a: string[], b: string[], parts: DiffPart[]) {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      push(parts, "same", a.slice(i, i + 1));
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      push(parts, "removed", a.slice(i, i + 1));
      i += 1;
    } else {
      push(parts, "added", b.slice(j, j + 1));
      j += 1;
    }
  }
  push(parts, "removed", a.slice(i));
  push(parts, "added", b.slice(j));
}

/** Beyond this many changes the shortest path is not looked for. */
const FEW = 400;

/** Finds the shortest way from one text to the other where there are few changes on it (E. Myers, An O(ND) Difference Algorithm, 1986). */
function byPath(a: string[], b: string[], parts: DiffPart[]): boolean {
  const furthest = new Int32Array(2 * FEW + 3);
  const ways: Int32Array[] = [];
  for (let changes = 0; changes <= FEW; changes += 1) {
    ways.push(furthest.slice());
    for (let k = -changes; k <= changes; k += 2) {
      const isDown = cameDown(furthest, k, changes);
      let x = isDown ? (furthest[FEW + 1 + k + 1] ?? 0) : (furthest[FEW + 1 + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[FEW + 1 + k] = x;
      if (x >= a.length && x - k >= b.length) { walkBack(a, b, ways, parts); return true; }
    }
  }
  return false;
}

/** Whether the furthest point of a diagonal is reached by adding a piece rather than by removing one. */
const cameDown = (furthest: Int32Array, k: number, changes: number) => k === -changes || (k !== changes && (furthest[FEW + 1 + k - 1] ?? 0) < (furthest[FEW + 1 + k + 1] ?? 0));

function walkBack(a: string[], b: string[], ways: readonly Int32Array[], parts: DiffPart[]) {
  const found: [DiffPart["kind"], string[]][] = [];
  let [x, y] = [a.length, b.length];
  for (let changes = ways.length - 1; changes > 0; changes -= 1) {
    const furthest = ways[changes] ?? new Int32Array();
    const k = x - y;
    const isDown = cameDown(furthest, k, changes);
    const from = isDown ? k + 1 : k - 1;
    const [fromX, fromY] = [furthest[FEW + 1 + from] ?? 0, (furthest[FEW + 1 + from] ?? 0) - from];
    const start = isDown ? fromX : fromX + 1;
    found.push(["same", a.slice(start, x)], isDown ? ["added", b.slice(fromY, fromY + 1)] : ["removed", a.slice(fromX, fromX + 1)]);
    [x, y] = [fromX, fromY];
  }
  found.push(["same", a.slice(0, x)]);
  for (const [kind, pieces] of found.reverse()) push(parts, kind, pieces);
}

/** Long texts are split at the word that both have once and that is nearest to the middle, and each half compared. */
function byAnchor(a: string[], b: string[], parts: DiffPart[]) {
  const inA = onceAt(a);
  const inB = onceAt(b);
  let best: [number, number] | undefined;
  for (const [word, i] of inA) {
    const j = inB.get(word);
    if (j !== undefined && (best === undefined || Math.abs(i - a.length / 2) < Math.abs(best[0] - a.length / 2))) best = [i, j];
  }
  if (best === undefined) {
    push(parts, "removed", a);
    push(parts, "added", b);
    return;
  }
  const [i, j] = best;
  compare(a.slice(0, i), b.slice(0, j), parts);
  compare(a.slice(i), b.slice(j), parts);
}

function onceAt(pieces: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const again = new Set<string>();
  pieces.forEach((piece, i) => { if (found.has(piece)) again.add(piece); else found.set(piece, i); });
  again.forEach((piece) => found.delete(piece));
  return found;
}
