import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { usePublishDataset } from "@/api/mutations";
import { type ProjectId } from "@/api/queries";
import { tableRowsQuery, wholeRowQuery } from "@/api/table-queries";
import type { ObjectVersion } from "@/api/types";
import { countOf, NO_EDITS, requestOf, textColumns } from "@/lib/edits";
import { isObject } from "@/lib/json";
import { plural } from "@/lib/number";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { Gate, MoreFailed } from "@/ui/notices";
import page from "@/ui/page.module.css";

import { EditGrid } from "./edit-grid";
import { EditTools } from "./edit-tools";
import styles from "./objects.module.css";

interface Props {
  p: ProjectId;
  name: string;
  base: string;
  latest: string;
  version: number;
  table: NonNullable<ObjectVersion["table"]>;
  /** Told the digest of the new version, or null when the editing is left. */
  onDone: (digest: string | null) => void;
}

/** Rows as they are in a version, to be changed: what is saved is a new version, and this one stays. */
export function DatasetEditor({ p, name, base, latest, version, table, onDone }: Props) {
  const query = useInfiniteQuery(tableRowsQuery(table.digest));
  const client = useQueryClient();
  const [whole, setWhole] = useState<ReadonlyMap<number, unknown>>(new Map());
  const rows = useMemo(() => query.data?.pages.flatMap((each) => each.rows.map((row) => (whole.has(row.index) ? { index: row.index, value: whole.get(row.index), cuts: [] } : row))), [query.data, whole]);
  const readRow = async (index: number) => { const value = await client.fetchQuery(wholeRowQuery(table.digest, index)); setWhole((all) => new Map(all).set(index, value)); };
  const [edits, setEdits] = useState(NO_EDITS);
  const texts = useMemo(() => textColumns(rows?.map((row) => row.value) ?? []), [rows]);
  const columns = useMemo(() => [...new Set([...(rows ?? []).flatMap((row) => (isObject(row.value) ? Object.keys(row.value) : [])), ...Object.keys(edits.columns)])], [rows, edits.columns]);
  const publish = usePublishDataset(p);
  const count = countOf(edits);
  const [known] = useState(latest); // what others publish meanwhile is for the server to tell
  // Awaited, since the page may have turned to the new version before it is left.
  const save = () => { publish.mutateAsync({ name, rows: { base, latest: known, ...requestOf(edits, texts) } }).then((made) => { onDone(made.digest); }, () => undefined); };
  return (
    <div className={page.body}>
      <LeaveGuard isDirty={count > 0 && !publish.isSuccess} />
      <EditTools title={<>Editing v{version}</>} count={count} isBusy={publish.isPending} error={publish.error} columns={columns} edits={edits} onEdits={setEdits} onSave={save} onCancel={() => { onDone(null); }} />
      <Gate query={{ ...query, data: rows }} what="The rows">
        {(loaded) => <><EditGrid rows={loaded} columns={columns} edits={edits} onEdits={setEdits} onRead={readRow} hasMore={query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError} onMore={() => void query.fetchNextPage()} /><MoreFailed query={query} what="More rows" /></>}
      </Gate>
      <p className={`${styles.below} dim small`}>{plural(table.rows, "row")} in v{version}. Numbers, lists and true or false are read as JSON; the rest is text. Rows that you do not touch keep their digests, so that runs can be compared row by row.</p>
    </div>
  );
}

/** What was not saved is not lost by a click on a link, nor by closing the page. */
export function LeaveGuard({ isDirty }: { isDirty: boolean }) {
  const blocker = useBlocker({ shouldBlockFn: () => isDirty, enableBeforeUnload: isDirty, withResolver: true });
  if (blocker.status !== "blocked") return null;
  return (
    <Dialog title="Leave without saving?" isOpen onClose={blocker.reset} description="What you changed here is in no version yet.">
      <DialogActions>
        <Button onClick={blocker.reset}>Stay</Button>
        <Button look="danger" className={styles.leave} onClick={blocker.proceed}>Leave</Button>
      </DialogActions>
    </Dialog>
  );
}
