import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { usePublishDataset } from "@/api/mutations";
import { countOf, type Edits, NO_EDITS, requestOf } from "@/lib/edits";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";

import { LeaveGuard } from "./dataset-editor";
import { EditGrid } from "./edit-grid";
import { EditTools } from "./edit-tools";
import styles from "./objects.module.css";

const NO_TEXTS: ReadonlySet<string> = new Set();

/** A dataset that is typed in or pasted; it is published when it is saved. */
export function NewDatasetPage() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const p = { entity, project };
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [edits, setEdits] = useState<Edits>(NO_EDITS);
  const publish = usePublishDataset(p);
  const toList = (name: string | null) => { void navigate(name === null ? { to: "/$entity/$project/objects", params: p, search: { kind: "Dataset" } } : { to: "/$entity/$project/objects/$name", params: { ...p, name }, ignoreBlocker: true }); };
  const rows = { base: null, latest: null, ...requestOf(edits, NO_TEXTS) };
  const save = () => { publish.mutate({ name: name.trim(), rows }, { onSuccess: (made) => { toList(made.name); } }); };
  const count = countOf(edits);
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/objects" params={p} search={{ kind: "Dataset" }}>Datasets /</Link>} title="New dataset" />
      <div className={`${page.body} ${page.scroll}`}>
        <LeaveGuard isDirty={count > 0 && !publish.isSuccess} />
        <label className={styles.name}>Name <input autoFocus value={name} spellCheck={false} placeholder="tickets" onChange={(event) => { setName(event.target.value); }} /></label>
        <EditTools title="Rows" count={name.trim() === "" ? 0 : count} isBusy={publish.isPending} error={publish.error} columns={Object.keys(edits.columns)} edits={edits} onEdits={setEdits} onSave={save} onCancel={() => { toList(null); }} />
        <EditGrid rows={[]} columns={Object.keys(edits.columns)} edits={edits} onEdits={setEdits} onRead={() => Promise.resolve()} hasMore={false} onMore={() => undefined} />
        <p className={`${styles.below} dim small`}>Add columns and rows, or paste both from a spreadsheet. Saved, it is a dataset like one that a program publishes with <code>weavelite.publish</code>.</p>
      </div>
    </div>
  );
}
