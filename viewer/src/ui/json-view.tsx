import { type ReactNode, useMemo, useState } from "react";

import { gistOf, type Held, heldOf, isContent } from "@/lib/content";
import { isObject, parseRef, textOf } from "@/lib/json";
import { isMarkup, type Look, looksOf, tableOf } from "@/lib/looks";
import { formatBytes, formatCount, plural } from "@/lib/number";
import { summarize } from "@/lib/summary";

import { Button } from "./button";
import { ArrayView, ContentView, FrameView, ObjectsTable } from "./content-view";
import { CopyButton } from "./copy-button";
import styles from "./json-view.module.css";
import { LongText } from "./long-text";
import { MarkdownView } from "./markdown-view";
import { RefLink } from "./ref-link";
import { useLook } from "./use-look";

const STEP = 100;
/** A short value is open to this depth, a long one to less. */
const DEPTHS: [number, number][] = [[2_000, 6], [Infinity, 2]];

interface Props {
  value: unknown;
  title?: string;
  shown?: unknown;
  /** Names the place of the value, so that the way to look at it is remembered there. */
  place?: string;
}

const NAMES: Record<Look, string> = { tree: "Tree", table: "Table", text: "Text", markdown: "Markdown", raw: "Raw" };

/** A stored value as a tree that folds, as a table, rendered, or as the JSON text it is. The tree may leave something out (`shown`), the text has it. */
export function JsonView({ value, title, shown = value, place = title ?? "" }: Props) {
  const looks = useMemo(() => looksOf(value), [value]);
  const [look, setLook] = useLook(place, looks);
  const text = useMemo(() => textOf(value), [value]);
  return (
    <div>
      <div className={styles.tools}>
        {title !== undefined && <h3>{title}</h3>}
        <span>{formatBytes(text.length)}</span>
        {looks.length > 1 && looks.map((each) => <Button key={each} look="quiet" isOn={each === look} aria-pressed={each === look} onClick={() => { setLook(each); }}>{NAMES[each]}</Button>)}
        <CopyButton text={text} />
      </div>
      <Looked value={look === "tree" ? shown : value} look={look} text={text} place={place} />
    </div>
  );
}

function Looked({ value, look, text, place }: { value: unknown; look: Look; text: string; place: string }) {
  switch (look) {
    case "text": return <StringBlock text={text} />;
    case "markdown": return <MarkdownView markup={text} />;
    case "raw": return <pre><LongText text={text} fold={50_000} /></pre>;
    case "table": return <TableView value={value} />;
    case "tree": return <div className={styles.tree}><Node value={value} depth={0} most={DEPTHS.find(([size]) => text.length <= size)?.[1] ?? 0} place={place} /></div>;
  }
}

function TableView({ value }: { value: unknown }) {
  const table = useMemo(() => tableOf(value), [value]);
  return table && <ObjectsTable table={table} />;
}

function StringBlock({ text }: { text: string }) {
  const ref = parseRef(text);
  if (ref) return <RefLink target={ref} />;
  return text === "" ? <span className="dim">empty text</span> : <p className={styles.text}><LongText text={text} fold={8_000} /></p>;
}

interface NodeProps {
  name?: string;
  value: unknown;
  depth: number;
  most: number;
  place: string;
}

function Node({ name, value, depth, most, place }: NodeProps) {
  const held = heldOf(value);
  if (held?.kind === "items") return <Node {...(name === undefined ? {} : { name })} value={held.items} depth={depth} most={most} place={place} />;
  const entries = held !== null ? null : Array.isArray(value) ? value.map((item, i): [string, unknown] => [String(i), item]) : isObject(value) ? Object.entries(value) : null;
  const label = name === undefined ? null : <span className={Number.isNaN(Number(name)) ? styles.key : styles.index}>{name}</span>;
  if (held !== null) return <div className={styles.leaf}>{label}<HeldView held={held} depth={depth} most={most} place={place} /></div>;
  if (entries === null) return <div className={styles.leaf}>{label}<Leaf value={value} place={place} /></div>;
  if (entries.length === 0) return <div className={styles.leaf}>{label}<span className="dim">{Array.isArray(value) ? "empty list" : "empty object"}</span></div>;
  return <Branch label={label} value={value} entries={entries} depth={depth} openTo={most} isNamed={name !== undefined} place={place} />;
}

interface BranchProps {
  label: ReactNode;
  value: unknown;
  entries: [string, unknown][];
  depth: number;
  openTo: number;
  isNamed: boolean;
  place: string;
}

function Branch({ label, value, entries, depth, openTo, isNamed, place }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < openTo && (depth === 0 || entries.length <= 20));
  const [most, setMost] = useState(STEP);
  const table = useMemo(() => (isNamed ? tableOf(value) : null), [value, isNamed]);
  const [look, setLook] = useLook(place, table === null ? ["tree"] : ["tree", "table"]);
  // Items of one list are looked at in one way.
  const children = entries.slice(0, most).map(([key, item]) => <Node key={key} name={key} value={item} depth={depth + 1} most={openTo} place={`${place}/${Array.isArray(value) ? "" : key}`} />);
  const rest = entries.length - most;
  const more = rest > 0 && <button type="button" className={styles.more} onClick={() => { setMost(most + 10 * STEP); }}>Show {formatCount(Math.min(rest, 10 * STEP))} more of {formatCount(entries.length)}</button>;
  if (!isNamed) return <>{children}{more}</>;
  return (
    <div>
      <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>
        <i className={isOpen ? styles.open : ""} aria-hidden="true" />
        {label}
        <span className={styles.gist}>{isOpen ? (Array.isArray(value) ? plural(entries.length, "item") : "") : summarize(value)}</span>
      </button>
      {isOpen && table !== null && <button type="button" className={styles.turn} aria-pressed={look === "table"} onClick={() => { setLook(look === "table" ? "tree" : "table"); }}>{look === "table" ? "as a tree" : "as a table"}</button>}
      {isOpen && (look === "table" && table !== null ? <div className={styles.below}><ObjectsTable table={table} /></div> : <div className={styles.below}>{children}{more}</div>)}
    </div>
  );
}

/** A value that JSON has no form for, shown as what it is. */
function HeldView({ held, depth, most, place }: { held: Held; depth: number; most: number; place: string }) {
  if (isContent(held)) return <ContentView content={held} />;
  switch (held.kind) {
    case "markdown": return <MarkdownView markup={held.text} />;
    case "frame": return <FrameView frame={held} />;
    case "array": return <ArrayView array={held} />;
    case "pairs": return <div>{held.pairs.map(([key, item], i) => <Node key={i} name={summarize(key)} value={item} depth={depth + 1} most={most} place={`${place}/`} />)}</div>;
    case "other": return <div><span className="dim">{held.type}</span><Node value={held.val} depth={depth + 1} most={most} place={place} /></div>;
    default: return <span className={styles.other} title={"type" in held ? held.type : undefined}>{gistOf(held)}</span>;
  }
}

function Leaf({ value, place }: { value: unknown; place: string }) {
  if (typeof value !== "string") return <span className={typeof value === "number" ? styles.number : styles.other}>{JSON.stringify(value)}</span>;
  const ref = parseRef(value);
  return ref ? <RefLink target={ref} /> : <TextLeaf text={value} place={place} />;
}

function TextLeaf({ text, place }: { text: string; place: string }) {
  const canRender = useMemo(() => isMarkup(text), [text]);
  const [look, setLook] = useLook(place, canRender ? ["text", "markdown"] : ["text"]);
  return (
    <>
      {look === "markdown" ? <div className={styles.rendered}><MarkdownView markup={text} /></div> : <span className={styles.string}><LongText text={text} /></span>}
      {canRender && <button type="button" className={styles.turn} aria-pressed={look === "markdown"} onClick={() => { setLook(look === "markdown" ? "text" : "markdown"); }}>{look === "markdown" ? "as text" : "as Markdown"}</button>}
    </>
  );
}
