import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { CALL, type ProjectId, rowsPreviewQuery } from "@/api/queries";
import type { RowsPreview } from "@/api/types";
import { columnOf, columnsFor, faultOf, type Mapped, type Sources } from "@/lib/mapping";
import { formatCount, plural } from "@/lib/number";
import { Button } from "@/ui/button";
import { DialogActions } from "@/ui/dialog";
import { ErrorNote } from "@/ui/notices";
import type { CallsToAdd } from "@/ui/to-dataset";

import styles from "./adding.module.css";

interface Props {
  p: ProjectId;
  calls: CallsToAdd;
  sources: readonly Sources[];
  proposal: readonly Mapped[];
  /** Whether the columns can be named. */
  isNew: boolean;
  canSave: boolean;
  isBusy: boolean;
  error: Error | null;
  onSave: (mapping: { columns: Record<string, string>; call_column: string | null }) => void;
  onCancel: () => void;
}

interface Row extends Mapped {
  key: number;
  isOwn: boolean;
}

export function MappingForm({ p, calls, sources, proposal, isNew, canSave, isBusy, error, onSave, onCancel }: Props) {
  const [rows, setRows] = useState(() => proposal.map((each, key): Row => ({ ...each, key, isOwn: isNew })));
  const [callColumn, setCallColumn] = useState("call");
  const [isKept, setKept] = useState(isNew || proposal.some(({ column }) => column === "call"));
  const kept = isKept ? callColumn : null;
  const mapped = rows.filter((row) => !isKept || row.column !== callColumn || row.source !== "");
  const fault = faultOf(mapped, kept);
  const change = (key: number, next: Partial<Row>) => { setRows(rows.map((row) => (row.key === key ? { ...row, ...next } : row))); };
  const used = [...new Set(mapped.map(({ source }) => source).filter((source) => source !== ""))];
  const preview = useQuery(rowsPreviewQuery(p, calls, used));
  const count = preview.data?.calls ?? calls.count;
  return (
    <form className={styles.form} onSubmit={(event) => { event.preventDefault(); if (fault === null && canSave && !isBusy) onSave({ columns: columnsFor(mapped), call_column: kept?.trim() ?? null }); }}>
      <fieldset className={styles.mapping}>
        <legend>Columns</legend>
        {mapped.map((row) => (
          <div key={row.key} className={styles.pair} role="group" aria-label={`Column ${row.column}`}>
            {row.isOwn ? <input aria-label="Name of the column" value={row.column} spellCheck={false} onChange={(event) => { change(row.key, { column: event.target.value }); }} /> : <code>{row.column}</code>}
            <span aria-hidden="true">←</span>
            <SourceChoice label={`What goes into ${row.column}`} value={row.source} sources={sources} onChange={(source) => { change(row.key, row.isOwn && row.column === "" ? { source, column: columnOf(source) } : { source }); }} />
            {row.isOwn && <Button look="quiet" aria-label={`Take away column ${row.column}`} onClick={() => { setRows(rows.filter((each) => each !== row)); }}>×</Button>}
          </div>
        ))}
        <Button look="quiet" className={styles.another} onClick={() => { setRows([...rows, { column: "", source: "", isOwn: true, key: Math.max(-1, ...rows.map((row) => row.key)) + 1 }]); }}>+ column</Button>
        <div className={styles.keep}>
          <label><input type="checkbox" checked={isKept} onChange={(event) => { setKept(event.target.checked); }} /> Keep a link to the call in</label>
          <input aria-label="Column for the call" value={callColumn} disabled={!isKept} spellCheck={false} onChange={(event) => { setCallColumn(event.target.value); }} />
        </div>
      </fieldset>
      {preview.error ? <ErrorNote error={preview.error} /> : preview.data && <Preview preview={preview.data} mapped={mapped} callColumn={kept} />}
      {error && <p className={styles.wrong} role="alert">{error.message}</p>}
      <p className="mid small" role="status">{fault ?? (canSave ? "" : "Name the new dataset.")}</p>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={fault !== null || !canSave || isBusy || count === 0}>Add {plural(count, "row")}</Button>
      </DialogActions>
    </form>
  );
}

function SourceChoice({ label, value, sources, onChange }: { label: string; value: string; sources: readonly Sources[]; onChange: (source: string) => void }) {
  return (
    <select className={styles.source} aria-label={label} value={value} onChange={(event) => { onChange(event.target.value); }}>
      <option value="">nothing</option>
      {sources.map((group) => <optgroup key={group.label} label={group.label}>{group.names.map((name) => <option key={name} value={name}>{name.replace(/\\(.)/g, "$1")}</option>)}</optgroup>)}
    </select>
  );
}

/** The first rows as they would be. */
function Preview({ preview, mapped, callColumn }: { preview: RowsPreview; mapped: readonly Mapped[]; callColumn: string | null }) {
  const used = mapped.filter(({ source }) => source !== "");
  if (preview.calls === 0) return <p className={styles.wrong} role="alert">None of these calls is there any more: they were deleted meanwhile.</p>;
  return (
    <section aria-label="First rows" className={styles.preview}>
      <p className="mid small">{preview.calls > preview.rows.length ? `The first ${preview.rows.length} of ${plural(preview.calls, "row")}, oldest call first` : plural(preview.calls, "row")}{preview.missing > 0 && <> · <b className={styles.warn}>{plural(preview.missing, "call")} deleted meanwhile, left out</b></>}</p>
      {(used.length > 0 || callColumn !== null) && <div className={styles.scroller} tabIndex={0} role="group" aria-label="Table of the first rows">
        <table>
          <thead><tr>{used.map(({ column }, i) => <th key={i} scope="col">{column}</th>)}{callColumn !== null && <th scope="col">{callColumn}</th>}</tr></thead>
          <tbody>
            {preview.rows.map((row, i) => (
              <tr key={i}>
                {used.map(({ source }, j) => <td key={j}>{shownOf(row[source]?.value)}</td>)}
                {callColumn !== null && <td className="dim">call …{formatId(row[CALL]?.value)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>}
    </section>
  );
}

const formatId = (id: unknown) => String(id).slice(-6);

function shownOf(value: number | boolean | string | null | undefined) {
  if (value === null || value === undefined) return <span className="dim">nothing</span>;
  return typeof value === "number" ? formatCount(value) : String(value);
}
