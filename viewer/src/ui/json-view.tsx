import { type ReactNode, useMemo, useState } from "react";

import { gistOf, type Held, heldOf, isContent } from "@/lib/content";
import { isObject, parseRef, textOf } from "@/lib/json";
import { type Look, looksOf, tableOf } from "@/lib/looks";
import { formatBytes, formatCount, plural } from "@/lib/number";
import { summarize } from "@/lib/summary";

import { Button } from "./button";
import { ArrayView, ContentView, FrameView, ObjectsTable } from "./content-view";
import { CopyButton } from "./copy-button";
import styles from "./json-view.module.css";
import { LongText } from "./long-text";
import { MarkdownView } from "./markdown-view";
import { MarkupText } from "./markup-text";
import { RefLink } from "./ref-link";
import { useLook } from "./use-look";
import { type Rest, RestNote, useValueParts, WithRest } from "./value-parts";

const STEP = 100;
/** A short value is open to this depth, a long one to less. */
const DEPTHS: [number, number][] = [[2_000, 6], [Infinity, 2]];

interface Props {
  value: unknown;
  title?: string;
  shown?: unknown;
  /** Names the place of the value, so that the way to look at it is remembered there. */
  place?: string;
  /** Where the value is in what it comes in parts of. */
  path?: readonly string[];
}

const NOWHERE: readonly string[] = [];
const NAMES: Record<Look, string> = { tree: "Tree", table: "Table", text: "Text", markdown: "Markdown", raw: "Raw" };

/** A stored value as a tree that folds, as a table, rendered, or as the JSON text it is. The tree may leave something out (`shown`), the text has it. */
export function JsonView({ value, title, shown = value, place = title ?? "", path = NOWHERE }: Props) {
  const parts = useValueParts();
  const size = path.length === 0 ? undefined : parts?.sizeOf(path[0]);
  const looks = useMemo((): Look[] => (size === undefined ? looksOf(value) : [typeof value === "string" ? "text" : "tree"]), [value, size]);
  const [look, setLook] = useLook(place, looks);
  const text = useMemo(() => textOf(value), [value]);
  return (
    <div>
      <div className={styles.tools}>
        {title !== undefined && <h3>{title}</h3>}
        <span>{size === undefined ? formatBytes(text.length) : path.length === 1 ? `${formatBytes(size)}, shown in parts` : "shown in parts"}</span>
        {looks.length > 1 && looks.map((each) => <Button key={each} look="quiet" isOn={each === look} aria-pressed={each === look} onClick={() => { setLook(each); }}>{NAMES[each]}</Button>)}
        {parts && size !== undefined ? <a className={styles.more} href={parts.hrefOf(path)} download>Download</a> : <CopyButton text={text} />}
      </div>
      <Looked value={look === "tree" ? shown : value} look={look} text={text} place={place} path={path} levels={size === undefined ? (DEPTHS.find(([least]) => text.length <= least)?.[1] ?? 0) : 1} />
    </div>
  );
}

function Looked({ value, look, text, place, path, levels }: { value: unknown; look: Look; text: string; place: string; path: readonly string[]; levels: number }) {
  switch (look) {
    case "text": return <StringBlock text={text} path={path} />;
    case "markdown": return <MarkdownView markup={text} />;
    case "raw": return <pre><LongText text={text} fold={50_000} /></pre>;
    case "table": return <TableView value={value} />;
    case "tree": return <div className={styles.tree}><Node value={value} depth={0} most={levels} place={place} path={path} /></div>;
  }
}

function TableView({ value }: { value: unknown }) {
  const table = useMemo(() => tableOf(value), [value]);
  return table && <ObjectsTable table={table} />;
}

function StringBlock({ text, path }: { text: string; path: readonly string[] }) {
  const ref = parseRef(text);
  if (ref) return <RefLink target={ref} />;
  return text === "" ? <span className="dim">empty text</span> : <p className={styles.text}><AtPath path={path}>{(rest) => <LongText text={text} fold={8_000} rest={rest} />}</AtPath></p>;
}

/** Gives what is at a path the rest of it, where it was cut. */
function AtPath({ path, children }: { path: readonly string[]; children: (rest?: Rest) => ReactNode }) {
  const parts = useValueParts();
  const cut = path.length === 0 ? undefined : parts?.cutAt(path);
  return parts && cut ? <WithRest parts={parts} path={path} cut={cut}>{children}</WithRest> : children();
}

interface NodeProps {
  name?: string;
  value: unknown;
  depth: number;
  most: number;
  place: string;
  path: readonly string[];
}

/** The path of what is inside, if there is one. */
const below = (path: readonly string[], ...steps: string[]) => (path.length === 0 ? path : [...path, ...steps]);

function Node({ name, value, depth, most, place, path }: NodeProps) {
  const held = heldOf(value);
  if (held?.kind === "items") return <Node {...(name === undefined ? {} : { name })} value={held.items} depth={depth} most={most} place={place} path={below(path, held.type === "set" ? "items" : "val")} />;
  const entries = held !== null ? null : Array.isArray(value) ? value.map((item, i): [string, unknown] => [String(i), item]) : isObject(value) ? Object.entries(value) : null;
  const label = name === undefined ? null : <span className={Number.isNaN(Number(name)) ? styles.key : styles.index}>{name}</span>;
  if (held !== null) return <div className={styles.leaf}>{label}<HeldView held={held} depth={depth} most={most} place={place} path={path} /></div>;
  if (entries === null) return <div className={styles.leaf}>{label}<Leaf value={value} place={place} path={path} /></div>;
  return (
    <AtPath path={path}>
      {(rest) => entries.length === 0 && rest === undefined
        ? <div className={styles.leaf}>{label}<span className="dim">{Array.isArray(value) ? "empty list" : "empty object"}</span></div>
        : <Branch label={label} value={value} entries={rest === undefined ? entries : [...entries, ...rest.entries]} depth={depth} openTo={most} isNamed={name !== undefined} place={place} path={path} rest={rest} />}
    </AtPath>
  );
}

interface BranchProps {
  label: ReactNode;
  value: unknown;
  entries: [string, unknown][];
  depth: number;
  openTo: number;
  isNamed: boolean;
  place: string;
  path: readonly string[];
  rest: Rest | undefined;
}

function Branch({ label, value, entries, depth, openTo, isNamed, place, path, rest }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < openTo && (depth === 0 || entries.length <= 20));
  const [most, setMost] = useState(STEP);
  const isWhole = rest === undefined;
  const table = useMemo(() => (isNamed && isWhole ? tableOf(value) : null), [value, isNamed, isWhole]);
  const [look, setLook] = useLook(place, table === null ? ["tree"] : ["tree", "table"]);
  // Items of one list are looked at in one way.
  const children = entries.slice(0, most).map(([key, item]) => <Node key={key} name={key} value={item} depth={depth + 1} most={openTo} place={`${place}/${Array.isArray(value) ? "" : key}`} path={below(path, key)} />);
  const total = rest?.total ?? entries.length;
  const left = total - children.length;
  const show = () => {
    setMost(most + 10 * STEP);
    if (entries.length < total && most + 10 * STEP > entries.length) rest?.load();
  };
  const more = left > 0 && <><button type="button" className={styles.more} onClick={show}>Show {rest === undefined ? `${formatCount(Math.min(left, 10 * STEP))} more of` : "more of"} {formatCount(total)}</button>{rest && <RestNote rest={rest} />}</>;
  if (!isNamed) return <>{children}{more}</>;
  return (
    <div>
      <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>
        <i className={isOpen ? styles.open : ""} aria-hidden="true" />
        {label}
        <span className={styles.gist}>{isOpen ? (Array.isArray(value) ? plural(total, "item") : "") : summarize(value)}</span>
      </button>
      {isOpen && table !== null && <button type="button" className={styles.turn} aria-pressed={look === "table"} onClick={() => { setLook(look === "table" ? "tree" : "table"); }}>{look === "table" ? "as a tree" : "as a table"}</button>}
      {isOpen && (look === "table" && table !== null ? <div className={styles.below}><ObjectsTable table={table} /></div> : <div className={styles.below}>{children}{more}</div>)}
    </div>
  );
}

/** A value that JSON has no form for, shown as what it is. */
function HeldView({ held, depth, most, place, path }: { held: Held; depth: number; most: number; place: string; path: readonly string[] }) {
  if (isContent(held)) return <ContentView content={held} />;
  switch (held.kind) {
    case "markdown": return <MarkdownView markup={held.text} />;
    case "frame": return <FrameView frame={held} />;
    case "array": return <ArrayView array={held} />;
    case "pairs": return <div>{held.pairs.map(([key, item], i) => <Node key={i} name={summarize(key)} value={item} depth={depth + 1} most={most} place={`${place}/`} path={below(path, "pairs", String(i), "1")} />)}</div>;
    case "other": return <div><span className="dim">{held.type}</span><Node value={held.val} depth={depth + 1} most={most} place={place} path={below(path, "val")} /></div>;
    default: return <span className={styles.other} title={"type" in held ? held.type : undefined}>{gistOf(held)}</span>;
  }
}

function Leaf({ value, place, path }: { value: unknown; place: string; path: readonly string[] }) {
  if (typeof value !== "string") return <span className={typeof value === "number" ? styles.number : styles.other}>{JSON.stringify(value)}</span>;
  const ref = parseRef(value);
  return ref ? <RefLink target={ref} /> : <AtPath path={path}>{(rest) => <MarkupText text={value} place={place} isFree={rest === undefined}><span className={styles.string}><LongText text={value} rest={rest} /></span></MarkupText>}</AtPath>;
}
