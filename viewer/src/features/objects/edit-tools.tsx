import { type ReactNode, useState } from "react";

import { parseTable } from "@/lib/csv";
import { type Edits, NO_EDITS, pasted } from "@/lib/edits";
import { plural } from "@/lib/number";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";

import styles from "./objects.module.css";

interface Props {
  title: ReactNode;
  count: number;
  isBusy: boolean;
  error: (Error & { remedy?: string }) | null;
  columns: readonly string[];
  edits: Edits;
  onEdits: (edits: Edits) => void;
  onSave: () => void;
  onCancel: () => void;
}

export function EditTools({ title, count, isBusy, error, columns, edits, onEdits, onSave, onCancel }: Props) {
  const [open, setOpen] = useState<"column" | "paste" | null>(null);
  const close = () => { setOpen(null); };
  return (
    <>
      <div className={styles.tools}>
        <h2>{title}</h2>
        <span className={count > 0 ? styles.unsaved : "dim small"} role="status">{count === 0 ? "nothing changed yet" : `${plural(count, "change")} not saved`}</span>
        <span className="spacer" />
        <Button onClick={() => { onEdits({ ...edits, added: [...edits.added, {}] }); }}>Add row</Button>
        <Button onClick={() => { setOpen("column"); }}>Add column…</Button>
        <Button onClick={() => { setOpen("paste"); }}>Paste rows…</Button>
        {count > 0 && <Button look="quiet" onClick={() => { onEdits(NO_EDITS); }}>Undo all</Button>}
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" disabled={count === 0 || isBusy} onClick={onSave}>Save as a new version</Button>
      </div>
      {error && <p className={styles.wrong} role="alert">{error.message}</p>}
      {open === "column" && <NewColumn columns={columns} onClose={close} onAdd={(name, text) => { onEdits({ ...edits, columns: { ...edits.columns, [name]: text } }); close(); }} />}
      {open === "paste" && <Paste columns={columns} onClose={close} onAdd={(rows, more) => { onEdits({ ...edits, added: [...edits.added, ...rows], columns: { ...edits.columns, ...Object.fromEntries(more.map((name) => [name, ""])) } }); close(); }} />}
    </>
  );
}

function NewColumn({ columns, onClose, onAdd }: { columns: readonly string[]; onClose: () => void; onAdd: (name: string, text: string) => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const isTaken = columns.includes(name.trim());
  return (
    <Dialog title="Add a column" isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => { event.preventDefault(); if (name.trim() !== "" && !isTaken) onAdd(name.trim(), text); }}>
        <label>Name<input value={name} spellCheck={false} onChange={(event) => { setName(event.target.value); }} /></label>
        <label>In every row <span className="dim">(may be empty)</span><input value={text} onChange={(event) => { setText(event.target.value); }} /></label>
        {isTaken && <p className={styles.wrong}>There is a column of that name.</p>}
        <DialogActions><Button onClick={onClose}>Cancel</Button><Button type="submit" look="primary" disabled={name.trim() === "" || isTaken}>Add column</Button></DialogActions>
      </form>
    </Dialog>
  );
}

type Pasted = ReturnType<typeof pasted>;

function Paste({ columns, onClose, onAdd }: { columns: readonly string[]; onClose: () => void; onAdd: (rows: Pasted["rows"], columns: string[]) => void }) {
  const [text, setText] = useState("");
  const found = pasted(parseTable(text), columns);
  return (
    <Dialog title="Paste rows" isOpen onClose={onClose} description="CSV, or cells copied from a spreadsheet. A first line that names columns says where cells go.">
      <textarea className={styles.paste} autoFocus aria-label="Rows as CSV or from a spreadsheet" rows={9} spellCheck={false} value={text} onChange={(event) => { setText(event.target.value); }} />
      <p className="mid small" role="status">{text === "" ? "" : `${plural(found.rows.length, "row")}${found.columns.length > 0 ? `, new columns: ${found.columns.join(", ")}` : ""}`}</p>
      <DialogActions><Button onClick={onClose}>Cancel</Button><Button look="primary" disabled={found.rows.length === 0} onClick={() => { onAdd(found.rows, found.columns); }}>{found.rows.length === 0 ? "Add rows" : `Add ${plural(found.rows.length, "row")}`}</Button></DialogActions>
    </Dialog>
  );
}
