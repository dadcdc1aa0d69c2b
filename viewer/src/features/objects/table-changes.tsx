import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { tableChangesQuery, wholeRowQuery } from "@/api/table-queries";
import type { ChangedRow, TableChanges } from "@/api/types";
import { isObject } from "@/lib/json";
import { formatCount, plural } from "@/lib/number";
import { textOfCell } from "@/lib/edits";
import { Button } from "@/ui/button";
import { DiffText } from "@/ui/diff-text";
import { Gate } from "@/ui/notices";
import table from "@/ui/table.module.css";

import styles from "./objects.module.css";

interface Props {
  digest: string | undefined;
  since: string | undefined;
  counts: [number, number];
}

/** Which rows came, went and changed, told by their digests: a row that moved is the same row. */
export function TableChangesView({ digest, since, counts }: Props) {
  const query = useQuery({ ...tableChangesQuery(digest ?? "", since ?? ""), enabled: digest !== undefined && since !== undefined });
  return (
    <section aria-label="Changes of rows">
      <h3 className={styles.rowsTitle}>Rows {counts[0] === counts[1] ? formatCount(counts[1]) : `${formatCount(counts[0])} → ${formatCount(counts[1])}`}</h3>
      {digest === undefined || since === undefined ? <p className="dim">Only one of the two has rows.</p> : <Gate query={query} what="The changed rows">{(changes) => <Rows changes={changes} tables={[since, digest]} />}</Gate>}
    </section>
  );
}

/** The digests of the two tables, the older one first. */
type Tables = readonly [string, string];

function Rows({ changes, tables }: { changes: TableChanges; tables: Tables }) {
  const columns = [...new Set(changes.rows.flatMap((row) => [row.before, row.after].flatMap((value) => (isObject(value) ? Object.keys(value) : []))))];
  const left = changes.added + changes.removed + changes.changed - changes.rows.length;
  return (
    <>
      <p className="mid small">{[changes.added > 0 ? `${plural(changes.added, "row")} added` : "", changes.removed > 0 ? `${formatCount(changes.removed)} removed` : "", changes.changed > 0 ? `${formatCount(changes.changed)} changed` : "", `${formatCount(changes.same)} the same`].filter(Boolean).join(", ")}{changes.rows.length === 0 ? ", in another order" : ""}.</p>
      {changes.rows.length > 0 && (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Changed rows">
          <table className={`${table.table} ${styles.changedRows}`}>
            <thead><tr><th scope="col">Row</th>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
            <tbody>{changes.rows.map((row, i) => (row.is_large ? <LargeRow key={i} row={row} columns={columns} tables={tables} /> : <Row key={i} row={row} columns={columns} />))}</tbody>
          </table>
        </div>
      )}
      {left > 0 && <p className="dim small">{plural(left, "more changed row", "more changed rows")} are not shown.</p>}
    </>
  );
}

const cell = (value: unknown, column: string) => (isObject(value) ? textOfCell(value[column]) : "");

/** The values of a large row are read at a click; columns that only it has are named in its cell. */
function LargeRow({ row, columns, tables: [old, now] }: { row: ChangedRow; columns: readonly string[]; tables: Tables }) {
  const [isOpen, setOpen] = useState(false);
  const place = row.after_index ?? row.before_index ?? 0;
  const before = useQuery({ ...wholeRowQuery(old, row.before_index ?? 0), enabled: isOpen && row.before_index !== null });
  const after = useQuery({ ...wholeRowQuery(now, row.after_index ?? 0), enabled: isOpen && row.after_index !== null });
  const isHere = isOpen && (row.before_index === null || before.data !== undefined) && (row.after_index === null || after.data !== undefined);
  const error = before.error ?? after.error;
  if (isHere) {
    const whole = { ...row, before: before.data ?? null, after: after.data ?? null };
    const own = [...new Set([whole.before, whole.after].flatMap((value) => (isObject(value) ? Object.keys(value) : [])))].filter((column) => !columns.includes(column));
    return <>{columns.length > 0 && <Row row={whole} columns={columns} />}{own.map((column) => <tr key={column} data-kind={row.kind}><th scope="row">{place} <span className="dim">{row.kind} {column}</span></th><td colSpan={Math.max(columns.length, 1)}><DiffText before={cell(whole.before, column)} after={cell(whole.after, column)} side="both" /></td></tr>)}</>;
  }
  return (
    <tr data-kind={row.kind}>
      <th scope="row">{place} <span className="dim">{row.kind}</span></th>
      <td colSpan={Math.max(columns.length, 1)}><Button disabled={isOpen && error === null} onClick={() => { setOpen(true); if (error) { void before.refetch(); void after.refetch(); } }}>{isOpen && error === null ? "Reading…" : "Show this large row"}</Button>{error && <span className={styles.wrong} role="alert"> {error.message}</span>}</td>
    </tr>
  );
}

function Row({ row, columns }: { row: ChangedRow; columns: readonly string[] }) {
  const place = row.after_index ?? row.before_index ?? 0;
  return (
    <tr data-kind={row.kind}>
      <th scope="row">{place} <span className="dim">{row.kind}</span></th>
      {columns.map((column) => <td key={column}><DiffText before={cell(row.before, column)} after={cell(row.after, column)} side="both" /></td>)}
    </tr>
  );
}
