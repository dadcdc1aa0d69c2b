import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";

import { useAddCalls } from "@/api/mutations";
import { columnsQuery, objectsQuery, objectVersionQuery, type ProjectId } from "@/api/queries";
import { tableRowsQuery } from "@/api/table-queries";
import type { AddedRows, ObjectSummary } from "@/api/types";
import { isObject } from "@/lib/json";
import { proposed, sourcesOf } from "@/lib/mapping";
import { formatCount, plural } from "@/lib/number";
import { isShown } from "@/lib/objects";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { Select } from "@/ui/fields";
import { Gate } from "@/ui/notices";
import type { CallsToAdd } from "@/ui/to-dataset";

import styles from "./adding.module.css";
import { MappingForm } from "./mapping-form";

interface Props {
  p: ProjectId;
  calls: CallsToAdd;
  onClose: () => void;
}

/** Calls become rows of a dataset: which one, and what goes into which column. */
export function AddDialog({ p, calls, onClose }: Props) {
  const query = useQuery(objectsQuery(p));
  const add = useAddCalls(p, calls);
  return (
    <Dialog title={add.data ? "Added" : `Add ${plural(calls.count, "call")} to a dataset`} isOpen isWide onClose={onClose}>
      {add.data
        ? <Added p={p} made={add.data} onClose={onClose} />
        : <Gate query={query} what="The datasets">{({ objects }) => <Choice p={p} calls={calls} add={add} datasets={objects.filter((each) => each.kind === "Dataset" && isShown(each)).sort((a, b) => b.created_us - a.created_us)} onClose={onClose} />}</Gate>}
    </Dialog>
  );
}

interface ChoiceProps extends Props {
  datasets: readonly ObjectSummary[];
  add: ReturnType<typeof useAddCalls>;
}

const NEW = "";

function Choice({ p, calls, datasets, add, onClose }: ChoiceProps) {
  const [chosen, setChosen] = useState(datasets[0]?.name ?? NEW);
  const [name, setName] = useState("");
  const dataset = datasets.find((each) => each.name === chosen);
  const choose = (next: string) => {
    setChosen(next);
    add.reset();
  };
  const form = (columns: readonly string[] | null): ReactNode => (
    <Form p={p} calls={calls} columns={columns} add={add} name={dataset?.name ?? name.trim()} latest={dataset?.latest ?? null} onClose={onClose} />
  );
  return (
    <>
      <div className={styles.dataset}>
        <label>Dataset <Select label="Dataset" value={chosen} options={[...datasets.map((each) => ({ value: each.name, label: `${each.name} v${each.version}` })), { value: NEW, label: "New dataset…" }]} onChange={choose} /></label>
        {dataset === undefined && <label>Name <input autoFocus value={name} spellCheck={false} placeholder="tickets" onChange={(event) => { setName(event.target.value); }} /></label>}
      </div>
      {dataset === undefined ? form(null) : <ColumnsOf key={dataset.name} p={p} dataset={dataset}>{form}</ColumnsOf>}
    </>
  );
}

/** The columns that the first rows of the newest version have. */
function ColumnsOf({ p, dataset, children }: { p: ProjectId; dataset: ObjectSummary; children: (columns: string[]) => ReactNode }) {
  const [latest] = useState(dataset.latest); // what was chosen is kept when another version comes meanwhile
  const version = useQuery(objectVersionQuery(p, dataset.name, latest));
  const digest = version.data?.table?.digest;
  const rows = useInfiniteQuery({ ...tableRowsQuery(digest ?? ""), enabled: digest !== undefined });
  const columns = useMemo(() => rows.data && [...new Set(rows.data.pages.flatMap((each) => each.rows).flatMap((row) => (isObject(row.value) ? Object.keys(row.value) : [])))], [rows.data]);
  if (version.data && digest === undefined) return <p className={styles.wrong} role="alert">{dataset.name} has no rows that can be added to.</p>;
  return <Gate query={{ data: columns, error: version.error ?? rows.error, refetch: () => (version.error ? version.refetch() : rows.refetch()) }} what="The rows of this dataset">{children}</Gate>;
}

interface FormProps extends Props {
  columns: readonly string[] | null;
  add: ReturnType<typeof useAddCalls>;
  name: string;
  latest: string | null;
}

function Form({ p, calls, columns, add, name, latest, onClose }: FormProps) {
  const query = useQuery(columnsQuery(p, calls.filter));
  const known = useMemo(() => { // the list does not change under the hand when other calls come in
    if (query.data === undefined) return undefined;
    const sources = sourcesOf(query.data.columns.map((column) => column.name));
    return { sources, mapped: proposed(sources, columns) };
  }, [query.data, columns]);
  return (
    <Gate query={{ ...query, data: known }} what="The fields of these calls">
      {({ sources, mapped }) => (
        <MappingForm p={p} calls={calls} sources={sources} proposal={mapped} isNew={columns === null} isBusy={add.isPending} error={add.error} canSave={name !== ""} onCancel={onClose}
          onSave={(mapping) => { add.mutate({ name, rows: { ...mapping, latest } }); }} />
      )}
    </Gate>
  );
}

function Added({ p, made, onClose }: { p: ProjectId; made: AddedRows; onClose: () => void }) {
  const { version, added, known, missing } = made;
  return (
    <>
      <p role="status">
        {plural(added, "row")} added to <b>{version.name}</b> as version v{version.version}.
        {known > 0 && ` ${formatCount(known)} ${known === 1 ? "was" : "were"} in it already.`}
        {missing > 0 && ` ${plural(missing, "call")} had been deleted meanwhile.`}
      </p>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Link className={styles.open} autoFocus to="/$entity/$project/objects/$name" params={{ ...p, name: version.name }} search={{ version: version.digest }} onClick={onClose}>Open {version.name} v{version.version}</Link>
      </DialogActions>
    </>
  );
}
