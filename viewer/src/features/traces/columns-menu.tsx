import * as Popover from "@radix-ui/react-popover";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type CallFilter, columnsQuery, type ProjectId } from "@/api/queries";
import { aboutColumn, type Column, KNOWN, moveColumn, OFFERED, pinColumn, toggleColumn } from "@/lib/columns";
import { Button } from "@/ui/button";
import { ErrorLine } from "@/ui/notices";

import styles from "./columns.module.css";

interface Props {
  p: ProjectId;
  filter: CallFilter;
  columns: readonly Column[];
  isChosen: boolean;
  onChange: (columns: Column[] | undefined) => void;
}

const GROUPS = [["inputs", "Inputs"], ["output", "Output"], ["scores", "Scores"], ["attributes", "Attributes"]] as const;

/** Which columns are shown, in what order, and which stay in sight. What is offered is what the newest calls hold. */
export function ColumnsMenu({ p, filter, columns, isChosen, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const query = useQuery({ ...columnsQuery(p, filter), enabled: isOpen });
  const found = query.data?.columns ?? [];
  const part = text.trim().toLowerCase();
  const isWanted = (id: string) => !columns.some((column) => column.id === id) && (part === "" || `${id} ${aboutColumn(id).label}`.toLowerCase().includes(part));
  const own = [...Object.keys(KNOWN), ...OFFERED].filter(isWanted);
  const examples = new Map(found.map(({ name, example }) => [name, String(example.value)]));
  const add = (id: string) => { onChange(toggleColumn(columns, id)); };
  const option = (id: string) => (
    <li key={id}><button type="button" className={styles.offer} onClick={() => { add(id); }}><span>{aboutColumn(id).label}</span>{examples.has(id) && <code>{examples.get(id)}</code>}</button></li>
  );
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild><Button isOn={isChosen}>Columns</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.panel} align="end" sideOffset={6} collisionPadding={8} aria-label="Columns">
          <h3>Shown</h3>
          <ul aria-label="Shown columns">
            {columns.map(({ id, isPinned }) => {
              const { label } = aboutColumn(id);
              return (
                <li key={id} className={styles.shown}>
                  <span>{label}</span>
                  <Button look="quiet" aria-label={`Move ${label} up`} onClick={() => { onChange(moveColumn(columns, id, -1)); }}>↑</Button>
                  <Button look="quiet" aria-label={`Move ${label} down`} onClick={() => { onChange(moveColumn(columns, id, 1)); }}>↓</Button>
                  <Button look="quiet" isOn={isPinned === true} aria-pressed={isPinned === true} aria-label={`Pin ${label}`} onClick={() => { onChange(pinColumn(columns, id)); }}>Pin</Button>
                  <Button look="quiet" aria-label={`Hide ${label}`} disabled={columns.length === 1} onClick={() => { onChange(toggleColumn(columns, id)); }}>×</Button>
                </li>
              );
            })}
          </ul>
          <input className={styles.find} type="search" aria-label="Find a column" placeholder="Add a column…" value={text} onChange={(event) => { setText(event.target.value); }} />
          <div className={styles.offers}>
            {query.error && <ErrorLine what="What the calls hold" error={query.error} onRetry={() => void query.refetch()} />}
            {own.length > 0 && <><h3>Of each call</h3><ul>{own.map(option)}</ul></>}
            {GROUPS.map(([root, title]) => {
              const names = found.map(({ name }) => name).filter((name) => (name === root || name.startsWith(`${root}.`)) && isWanted(name));
              return names.length > 0 && <section key={root}><h3>{title}</h3><ul>{names.map(option)}</ul></section>;
            })}
            {/^(inputs|output|attributes|summary|scores)\.\S/.test(text.trim()) && !examples.has(text.trim()) && <ul>{option(text.trim())}</ul>}
          </div>
          {isChosen && <Button look="quiet" onClick={() => { onChange(undefined); }}>Back to the usual columns</Button>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
