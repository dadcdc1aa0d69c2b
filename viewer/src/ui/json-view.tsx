import { type ReactNode, useMemo, useState } from "react";

import { gistOf, type Held, heldOf, isContent } from "@/lib/content";
import { isObject, parseRef, textOf } from "@/lib/json";
import { formatBytes, formatCount, plural } from "@/lib/number";
import { summarize } from "@/lib/summary";

import { Button } from "./button";
import { ArrayView, ContentView, FrameView } from "./content-view";
import { CopyButton } from "./copy-button";
import styles from "./json-view.module.css";
import { LongText } from "./long-text";
import { MarkdownView } from "./markdown-view";
import { RefLink } from "./ref-link";

const STEP = 100;
/** A short value is open to this depth, a long one to less. */
const DEPTHS: [number, number][] = [[2_000, 6], [Infinity, 2]];

/** A stored value as a tree that folds, or as the JSON text it is. The tree may leave something out (`shown`), the text has it. */
export function JsonView({ value, title, shown = value }: { value: unknown; title?: string; shown?: unknown }) {
  const [isRaw, setRaw] = useState(false);
  const text = useMemo(() => textOf(value), [value]);
  const isPlain = typeof value === "string";
  return (
    <div>
      <div className={styles.tools}>
        {title !== undefined && <h3>{title}</h3>}
        <span>{formatBytes(text.length)}</span>
        {!isPlain && <Button look="quiet" isOn={isRaw} aria-pressed={isRaw} onClick={() => { setRaw(!isRaw); }}>Raw</Button>}
        <CopyButton text={text} />
      </div>
      {isPlain ? <StringBlock text={value} /> : isRaw ? <pre>{text}</pre> : <div className={styles.tree}><Node value={shown} depth={0} most={DEPTHS.find(([size]) => text.length <= size)?.[1] ?? 0} /></div>}
    </div>
  );
}

function StringBlock({ text }: { text: string }) {
  const ref = parseRef(text);
  if (ref) return <RefLink target={ref} />;
  return text === "" ? <span className="dim">empty text</span> : <p className={styles.text}><LongText text={text} fold={8_000} /></p>;
}

function Node({ name, value, depth, most }: { name?: string; value: unknown; depth: number; most: number }) {
  const held = heldOf(value);
  if (held?.kind === "items") return <Node {...(name === undefined ? {} : { name })} value={held.items} depth={depth} most={most} />;
  const entries = held !== null ? null : Array.isArray(value) ? value.map((item, i): [string, unknown] => [String(i), item]) : isObject(value) ? Object.entries(value) : null;
  const label = name === undefined ? null : <span className={Number.isNaN(Number(name)) ? styles.key : styles.index}>{name}</span>;
  if (held !== null) return <div className={styles.leaf}>{label}<HeldView held={held} depth={depth} most={most} /></div>;
  if (entries === null) return <div className={styles.leaf}>{label}<Leaf value={value} /></div>;
  if (entries.length === 0) return <div className={styles.leaf}>{label}<span className="dim">{Array.isArray(value) ? "empty list" : "empty object"}</span></div>;
  return <Branch label={label} value={value} entries={entries} depth={depth} openTo={most} isNamed={name !== undefined} />;
}

interface BranchProps {
  label: ReactNode;
  value: unknown;
  entries: [string, unknown][];
  depth: number;
  openTo: number;
  isNamed: boolean;
}

function Branch({ label, value, entries, depth, openTo, isNamed }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < openTo && (depth === 0 || entries.length <= 20));
  const [most, setMost] = useState(STEP);
  const children = entries.slice(0, most).map(([key, item]) => <Node key={key} name={key} value={item} depth={depth + 1} most={openTo} />);
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
      {isOpen && <div className={styles.below}>{children}{more}</div>}
    </div>
  );
}

/** A value that JSON has no form for, shown as what it is. */
function HeldView({ held, depth, most }: { held: Held; depth: number; most: number }) {
  if (isContent(held)) return <ContentView content={held} />;
  switch (held.kind) {
    case "markdown": return <MarkdownView markup={held.text} />;
    case "frame": return <FrameView frame={held} />;
    case "array": return <ArrayView array={held} />;
    case "pairs": return <div>{held.pairs.map(([key, item], i) => <Node key={i} name={summarize(key)} value={item} depth={depth + 1} most={most} />)}</div>;
    case "other": return <div><span className="dim">{held.type}</span><Node value={held.val} depth={depth + 1} most={most} /></div>;
    default: return <span className={styles.other} title={"type" in held ? held.type : undefined}>{gistOf(held)}</span>;
  }
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") {
    const ref = parseRef(value);
    return ref ? <RefLink target={ref} /> : <span className={styles.string}><LongText text={value} /></span>;
  }
  return <span className={typeof value === "number" ? styles.number : styles.other}>{JSON.stringify(value)}</span>;
}
