import { useState } from "react";

import type { Content, Frame, Held } from "@/lib/content";
import { textOf } from "@/lib/json";
import type { ObjectTable } from "@/lib/looks";
import { formatCount, plural } from "@/lib/number";
import { summarize } from "@/lib/summary";

import styles from "./content-view.module.css";

/** An image, a sound, a film, or a file to download; nothing is fetched from another host. */
export function ContentView({ content }: { content: Content }) {
  const { kind, src, name, note } = content;
  if (src === null) return <p className={styles.note}>{note}: left out, it is above the limit of what is captured</p>;
  return (
    <figure className={styles.content}>
      {kind === "image" && <a href={src} target="_blank" rel="noreferrer"><img src={src} alt={name} loading="lazy" /></a>}
      {kind === "audio" && <audio controls preload="metadata" src={src} aria-label={name} />}
      {kind === "video" && <video controls preload="metadata" src={src} aria-label={name} />}
      <figcaption className={styles.note}><a href={src} download={name}>{kind === "file" ? name : "Download"}</a> {note}</figcaption>
    </figure>
  );
}

/** The first rows of a table; what else there is, is said below. */
export function FrameView({ frame }: { frame: Frame }) {
  const { columns, dtypes, rows, head, index } = frame;
  return (
    <figure className={styles.content}>
      <div className={styles.wide} tabIndex={0} role="group" aria-label="Table">
        <table className={styles.cells}>
          <thead><tr>{index !== null && <th />}{columns.map((name, i) => <th key={i} title={dtypes[i]}>{name}</th>)}</tr></thead>
          <tbody>
            {head.map((row, i) => (
              <tr key={i}>{index !== null && <th scope="row">{index[i]}</th>}{row.map((cell, j) => <td key={j} data-number={typeof cell === "number"}>{cell === null ? <span className="dim">–</span> : summarize(cell)}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className={styles.note}>{rows > head.length ? `the first ${formatCount(head.length)} of ${plural(rows, "row")}` : plural(rows, "row")} · {plural(columns.length, "column")}</figcaption>
    </figure>
  );
}

const STEP = 100;

/** A list of objects with the same fields; a click on a row shows its cells whole. */
export function ObjectsTable({ table: { columns, rows } }: { table: ObjectTable }) {
  const [most, setMost] = useState(STEP);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const turn = (i: number) => {
    const next = new Set(open);
    if (!next.delete(i)) next.add(i);
    setOpen(next);
  };
  return (
    <figure className={styles.content}>
      <div className={styles.wide} tabIndex={0} role="group" aria-label="Table">
        <table className={styles.cells}>
          <thead><tr><th />{columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
          <tbody>
            {rows.slice(0, most).map((row, i) => (
              <tr key={i} data-open={open.has(i)}>
                <th scope="row"><button type="button" aria-expanded={open.has(i)} aria-label={`Row ${i}`} onClick={() => { turn(i); }}>{i}</button></th>
                {columns.map((name) => <td key={name} data-number={typeof row[name] === "number"}>{row[name] === undefined || row[name] === null ? <span className="dim">–</span> : open.has(i) ? textOf(row[name]) : summarize(row[name], 80)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className={styles.note}>{plural(rows.length, "row")} · {plural(columns.length, "column")}{rows.length > most && <> · <button type="button" onClick={() => { setMost(most + 10 * STEP); }}>Show {formatCount(Math.min(rows.length - most, 10 * STEP))} more</button></>}</figcaption>
    </figure>
  );
}

export function ArrayView({ array }: { array: Extract<Held, { kind: "array" }> }) {
  const size = array.shape.reduce((all, each) => all * each, 1);
  return (
    <span>
      <code>{array.dtype} [{array.shape.map(formatCount).join(" × ")}]</code>{" "}
      {array.head.length > 0 && <span className="mid">{array.head.map((each) => summarize(each, 20)).join(", ")}{size > array.head.length ? ", …" : ""}</span>}
    </span>
  );
}
