import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { useDeleteCalls } from "@/api/mutations";
import { type CallFilter, doomedQuery, exportAddress, EXPORTS, type ProjectId, statsQuery } from "@/api/queries";
import { formatCount, plural } from "@/lib/number";
import { Button } from "@/ui/button";
import { useCommands } from "@/ui/commands";
import { Dialog, DialogActions } from "@/ui/dialog";
import { ErrorNote } from "@/ui/notices";
import { useToDataset } from "@/ui/to-dataset";

import styles from "./selection-bar.module.css";
import { MOST_IDS, type Selecting } from "./use-selection";

interface Props {
  p: ProjectId;
  filter: CallFilter;
  selecting: Selecting;
}

/** What can be done with the calls that are marked, or with all that the search finds. */
export function SelectionBar({ p, filter, selecting }: Props) {
  const [isAsking, setAsking] = useState(false);
  const { ids, isAll, clear, selectAll } = selecting;
  const found = useQuery(statsQuery(p, filter)).data?.count ?? 0;
  const chosen: CallFilter = isAll ? filter : { q: `id:${[...ids].join(",")}`, all: true };
  const [after, before] = [...ids].sort().reverse(); // ids are in the order of time
  const isTooMany = !isAll && ids.size > MOST_IDS;
  const count = isAll ? found : ids.size;
  const open = useToDataset();
  const addToDataset = () => { open?.({ ids: isAll ? [] : [...ids], filter: chosen, count }); };
  useCommands(isTooMany ? [] : [{ name: `Add ${plural(count, "selected call")} to a dataset…`, act: addToDataset }]);
  return (
    <section className={styles.bar} aria-label="Selection">
      <b>{isAll ? `All ${formatCount(found)}` : formatCount(ids.size)}</b> selected
      {!isAll && found > ids.size && <Button look="quiet" onClick={selectAll}>Select all {formatCount(found)} that match</Button>}
      <span className="spacer" />
      {isTooMany ? <span className="mid">At most {MOST_IDS} can be named: select all that match a search instead.</span> : (
        <>
          {before !== undefined && after !== undefined && !isAll && ids.size === 2 && <Link className={styles.export} to="/$entity/$project/traces/difference" params={p} search={{ before, after }}>Compare</Link>}
          <span className="mid">Export</span>
          {EXPORTS.map(([format, label]) => <a key={format} className={styles.export} href={exportAddress(p, chosen, format)} download>{label}</a>)}
          <Button onClick={addToDataset}>Add to dataset…</Button>
          <Button onClick={() => { setAsking(true); }}>Delete…</Button>
        </>
      )}
      <Button look="quiet" aria-label="Select nothing" onClick={clear}>×</Button>
      {isAsking && <DeleteDialog p={p} chosen={chosen} onClose={() => { setAsking(false); }} onDone={() => { setAsking(false); clear(); }} />}
    </section>
  );
}

/** Asks first, and says what goes with the calls that were chosen. */
function DeleteDialog({ p, chosen, onClose, onDone }: { p: ProjectId; chosen: CallFilter; onClose: () => void; onDone: () => void }) {
  const counted = useQuery(doomedQuery(p, chosen));
  const remove = useDeleteCalls(p);
  const { chosen: own = 0, deleted: whole = 0 } = counted.data ?? {};
  const error = counted.error ?? remove.error;
  return (
    <Dialog title="Delete these calls?" isOpen onClose={onClose} description={counted.data ? `${plural(own, "call")}${whole > own ? `, with all below: ${plural(whole, "call")}` : ""}. They are gone for good, with their feedback.` : "Counting…"}>
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button onClick={onClose}>Keep</Button>
        <Button look="danger" disabled={!counted.data || remove.isPending} onClick={() => { remove.mutate(chosen, { onSuccess: onDone }); }}>Delete {counted.data ? formatCount(whole) : ""}</Button>
      </DialogActions>
    </Dialog>
  );
}
