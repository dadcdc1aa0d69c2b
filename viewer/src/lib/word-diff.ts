export interface DiffPart {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Beyond this many comparisons, the table of the plain method would cost seconds and gigabytes. */
const TABLE_LIMIT = 4_000_000;

/** Words and the spaces between them, so that joining the pieces gives the text back. */
const words = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** What must go from `before` and what must come to make `after`. Nothing is cut: the parts join to both texts. */
export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const parts: DiffPart[] = [];
  compare(words(before), words(after), parts);
  return withoutCrumbs(parts);
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
  else byAnchor(left, right, parts);
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
