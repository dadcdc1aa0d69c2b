/** Markdown as data: what is drawn of it is text and a few elements, never HTML of its author's. */
export type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "code"; text: string }
  | { kind: "list"; isOrdered: boolean; items: string[] }
  | { kind: "quote"; text: string }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "rule" }
  | { kind: "text"; text: string };

const FENCE = /^ {0,3}(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const DELIMITERS = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

export function blocksOf(markup: string): Block[] {
  const lines = markup.replace(/\r\n?/g, "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (isWanted: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    for (; at < lines.length && isWanted(lines[at] ?? ""); at++) taken.push(lines[at] ?? "");
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line)?.[1];
    const heading = HEADING.exec(line);
    if (line.trim() === "") at++;
    else if (fence !== undefined) {
      at++;
      blocks.push({ kind: "code", text: takeWhile((each) => !each.trimStart().startsWith(fence)).join("\n") });
      at++;
    } else if (heading) {
      at++;
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" });
    } else if (RULE.test(line)) {
      at++;
      blocks.push({ kind: "rule" });
    } else if (line.startsWith(">")) blocks.push({ kind: "quote", text: takeWhile((each) => each.startsWith(">")).map((each) => each.replace(/^>\s?/, "")).join("\n") });
    else if (ITEM.test(line)) blocks.push(listOf(takeWhile((each) => ITEM.test(each) || (each.trim() !== "" && /^\s/.test(each)))));
    else if (line.includes("|") && DELIMITERS.test(lines[at + 1] ?? "")) {
      const [head = "", , ...rows] = takeWhile((each) => each.includes("|"));
      blocks.push({ kind: "table", head: cellsOf(head), rows: rows.map(cellsOf) });
    } else {
      const first = lines[at++] ?? "";
      blocks.push({ kind: "text", text: [first, ...takeWhile((each) => each.trim() !== "" && !startsBlock(each))].join("\n") });
    }
  }
  return blocks;
}

const startsBlock = (line: string) => FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || line.startsWith(">");

function listOf(lines: string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found) items.push(found[2] ?? "");
    else items.push(`${items.pop() ?? ""}\n${line.trim()}`);
  }
  return { kind: "list", isOrdered: /^\s*\d/.test(lines[0] ?? ""), items };
}

const cellsOf = (line: string) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

export interface Span {
  look: "text" | "code" | "strong" | "em" | "link";
  text: string;
  href?: string;
}

const SPANS = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+)\)/g;
const SAFE = /^(?:https?:\/\/|mailto:)/i;

/** A link that is no web address stays the text that it is. */
export function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const found of text.matchAll(SPANS)) {
    if (found.index > from) spans.push({ look: "text", text: text.slice(from, found.index) });
    const [all, code, bold, strong, em, label, href = ""] = found;
    if (code !== undefined) spans.push({ look: "code", text: code });
    else if (label === undefined) spans.push(em === undefined ? { look: "strong", text: bold ?? strong ?? "" } : { look: "em", text: em });
    else spans.push(SAFE.test(href) ? { look: "link", text: label, href } : { look: "text", text: all });
    from = found.index + all.length;
  }
  if (from < text.length) spans.push({ look: "text", text: text.slice(from) });
  return spans;
}
