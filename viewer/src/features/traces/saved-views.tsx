import * as Popover from "@radix-ui/react-popover";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { useDeleteView, useSaveView } from "@/api/mutations";
import { type ProjectId, viewsQuery } from "@/api/queries";
import type { TracesSearch } from "@/lib/search";
import { Button } from "@/ui/button";
import { SearchBox } from "@/ui/fields";
import { ErrorLine, ErrorNote } from "@/ui/notices";

import styles from "./saved-views.module.css";

/** So many are found at a glance. */
const FEW = 8;

interface Props {
  p: ProjectId;
  search: TracesSearch;
  /** What the table says of its columns, kept with the view and given back when it is opened. */
  columns?: Record<string, unknown>;
  onOpen: (view: { q: string | undefined; all: true | undefined }, columns: Record<string, unknown>) => void;
}

/** Searches with a name: one opens as its text, which can be changed without changing the view. */
export function SavedViews({ p, search, columns = {}, onOpen }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [label, setLabel] = useState("");
  const query = useQuery({ ...viewsQuery(p), enabled: isOpen });
  const [part, setPart] = useState("");
  const views = query.data?.views ?? [];
  const wanted = views.length > FEW ? part.trim().toLowerCase() : "";
  const listed = views.filter((view) => `${view.label} ${view.search}`.toLowerCase().includes(wanted));
  const [save, remove] = [useSaveView(p), useDeleteView(p)];
  const q = search.q ?? "";
  const isThere = views.some((view) => view.label === label.trim());
  const onSave = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ label: label.trim(), search: q, all: search.all === true, columns }, { onSuccess: () => { setLabel(""); } });
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={(next) => { setOpen(next); setPart(""); }}>
      <Popover.Trigger asChild><Button>Views</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.panel} align="end" sideOffset={6} aria-label="Saved views">
          {query.error && <ErrorLine what="The views" error={query.error} onRetry={() => void query.refetch()} />}
          {query.data && views.length === 0 && <p className={styles.none}>A view keeps a search under a name, for everybody who opens this store.</p>}
          {views.length > FEW && <div className={styles.find}><SearchBox label="Find a view" value={part} onChange={setPart} /></div>}
          {views.length > 0 && listed.length === 0 && <p className={styles.none}>No view has “{part.trim()}” in its name or its search.</p>}
          <ul>
            {listed.map((view) => {
              const isShown = view.search === q && view.all === (search.all === true);
              return (
                <li key={view.name} aria-current={isShown ? "true" : undefined}>
                  <button type="button" className={styles.view} onClick={() => { onOpen({ q: view.search || undefined, all: view.all ? true : undefined }, view.columns); setOpen(false); }}>
                    <b>{view.label}</b><code>{view.search === "" ? "everything" : view.search}{view.all ? " · all calls" : ""}</code>
                  </button>
                  <Button look="quiet" aria-label={`Delete the view ${view.label}`} onClick={() => { remove.mutate(view.name); }}>×</Button>
                </li>
              );
            })}
          </ul>
          <form onSubmit={onSave}>
            <label className={styles.save}><span>Save this search as</span><input value={label} maxLength={80} placeholder="Slow answers" onChange={(event) => { setLabel(event.target.value); }} /></label>
            <Button type="submit" look="primary" disabled={label.trim() === "" || save.isPending}>{isThere ? "Replace" : "Save"}</Button>
          </form>
          {(save.error ?? remove.error) && <ErrorNote error={(save.error ?? remove.error) as Error} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
