import { isObject, type JsonObject } from "./json";
import { formatBytes, formatCount } from "./number";

/** Content that is kept beside the call: where it is, and what its holder says of it. */
export interface Content {
  kind: "image" | "audio" | "video" | "file";
  /** null when the content was left out: it was above the limit of what is captured. */
  src: string | null;
  mimetype: string;
  size: number | null;
  name: string;
  note: string;
}

export interface Frame {
  kind: "frame";
  columns: string[];
  dtypes: string[];
  rows: number;
  head: unknown[][];
  index: string[] | null;
}

export type Held =
  | Content
  | Frame
  | { kind: "markdown"; text: string }
  | { kind: "array"; dtype: string; shape: number[]; head: unknown[] }
  | { kind: "plain"; type: string; text: string }
  | { kind: "items"; type: string; items: unknown[] }
  | { kind: "pairs"; pairs: [unknown, unknown][] }
  | { kind: "other"; type: string; val: unknown };

const SHOWN = /^image\/(?!svg)[\w.+-]+$/;

/** What a tagged value stands for; null for a value that is what it looks like. */
export function heldOf(value: unknown): Held | null {
  if (!isObject(value) || value["~"] !== 1) return null;
  switch (value["_type"]) {
    case "bytes": return contentOf("bytes", { inline: { content: value["base64"] }, val: { size: value["bytes"] } });
    case "set": return Array.isArray(value["items"]) ? { kind: "items", type: "set", items: value["items"] } : null;
    case "dict": return Array.isArray(value["pairs"]) ? { kind: "pairs", pairs: value["pairs"].filter(isPair) } : null;
    case "int":
    case "float": return { kind: "plain", type: String(value["_type"]), text: String(value["value"]) };
    case "CustomWeaveType": return customOf(value);
    default: return null;
  }
}

const isPair = (value: unknown): value is [unknown, unknown] => Array.isArray(value) && value.length === 2;

function customOf(tag: JsonObject): Held | null {
  const type = isObject(tag["weave_type"]) ? String(tag["weave_type"]["type"]) : "";
  const val = tag["val"];
  if (isObject(val)) {
    if (typeof val["markup"] === "string") return { kind: "markdown", text: val["markup"] };
    if (Array.isArray(val["columns"]) && Array.isArray(val["head"])) return frameOf(val, val["head"]);
    if (Array.isArray(val["shape"])) return { kind: "array", dtype: String(val["dtype"]), shape: val["shape"].map(Number), head: Array.isArray(val["head"]) ? val["head"] : [] };
    if (typeof val["microseconds"] === "number") return { kind: "plain", type, text: `${String(val["microseconds"] / 1e6)} s` };
  }
  if (tag["files"] !== undefined || tag["inline"] !== undefined || tag["stubs"] !== undefined) return contentOf(type, tag);
  if (type === "frozenset" && Array.isArray(val)) return { kind: "items", type, items: val };
  if (type === "range" && Array.isArray(val)) return { kind: "plain", type, text: `range(${val.join(", ")})` };
  return typeof val === "string" || typeof val === "number" ? { kind: "plain", type, text: String(val) } : { kind: "other", type, val };
}

function frameOf(val: JsonObject, head: unknown[]): Frame {
  const texts = (each: unknown) => (Array.isArray(each) ? each.map(String) : []);
  const index = Array.isArray(val["index"]) ? texts(val["index"]) : null;
  return { kind: "frame", columns: texts(val["columns"]), dtypes: texts(val["dtypes"]), rows: Number(val["rows"]), head: head.filter(Array.isArray), index };
}

function contentOf(type: string, tag: JsonObject): Held {
  const val = isObject(tag["val"]) ? tag["val"] : {};
  const [[file, place] = ["content", null]] = entriesOf(tag["files"]).concat(entriesOf(tag["inline"]));
  const isKept = isObject(tag["files"]);
  const stub = entriesOf(tag["stubs"])[0]?.[1];
  const mimetype = typeof val["mimetype"] === "string" ? val["mimetype"] : "application/octet-stream";
  const size = typeof val["size"] === "number" ? val["size"] : typeof stub === "number" ? stub : null;
  const name = typeof val["filename"] === "string" ? val["filename"] : file.includes(".") ? file : `${file}${/\/(\w+)$/.exec(mimetype)?.[1]?.replace(/^/, ".") ?? ""}`;
  const pixels = typeof val["width"] === "number" && typeof val["height"] === "number" ? `${formatCount(val["width"])} × ${formatCount(val["height"])}` : "";
  const src = typeof place !== "string" ? null : isKept ? urlOf(place, mimetype, name) : `data:${SHOWN.test(mimetype) || mimetype.startsWith("audio/") ? mimetype : "application/octet-stream"};base64,${place}`;
  return { kind: kindOf(mimetype), src, mimetype, size, name, note: [type === "bytes" ? "bytes" : mimetype, pixels, size === null ? "" : formatBytes(size)].filter(Boolean).join(" · ") };
}

const entriesOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);

/** Where content is, when no server has it. */
let inPage: (digest: string, type: string) => string | undefined = () => undefined;
export const holdContent = (find: typeof inPage): void => { inPage = find; };

const urlOf = (digest: string, type: string, name: string) => inPage(digest, type) ?? `/api/content/${encodeURIComponent(digest)}?${new URLSearchParams({ type, name }).toString()}`;

function kindOf(mimetype: string): Content["kind"] {
  if (SHOWN.test(mimetype) && mimetype !== "image/tiff") return "image";
  if (mimetype.startsWith("audio/")) return "audio";
  return mimetype.startsWith("video/") ? "video" : "file";
}

/** The content in a part of a message, however deep a provider puts it. */
export function contentInside(part: unknown, depth = 0): Content | null {
  const held = heldOf(part);
  if (held !== null) return isContent(held) ? held : null;
  if (!isObject(part) || depth > 3) return null;
  for (const each of Object.values(part)) {
    const found = contentInside(each, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

export const isContent = (held: Held): held is Content => "src" in held;

/** A few words for a table cell or a folded branch. */
export function gistOf(held: Held): string {
  switch (held.kind) {
    case "markdown": return held.text;
    case "plain": return held.text;
    case "frame": return `table of ${formatCount(held.rows)} × ${formatCount(held.columns.length)}`;
    case "array": return `${held.dtype} array of ${held.shape.map(formatCount).join(" × ") || "one value"}`;
    case "items": return `${held.type} of ${formatCount(held.items.length)}`;
    case "pairs": return `${formatCount(held.pairs.length)} pairs`;
    case "other": return held.type;
    default: return `${held.kind === "file" ? held.name : held.kind} (${held.note})`;
  }
}
