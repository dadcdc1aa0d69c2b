import { useState } from "react";

import { summarize } from "@/lib/summary";

import styles from "./objects.module.css";

interface Props {
  label: string;
  value: string;
  disabled: boolean;
  onChange: (text: string) => void;
}

/** Longer than this a text is typed in a field that grows while it is typed in. */
const LONG = 60;

/** A field of one line would drop the line breaks of what stands in it. */
export function EditCell({ label, value, disabled, onChange }: Props) {
  const [isLong] = useState(value.length > LONG || value.includes("\n")); // the field stays what it is while it is typed in
  const all = { "aria-label": label, disabled, value, spellCheck: false };
  return isLong || value.includes("\n")
    ? <textarea {...all} rows={1} onChange={(event) => { onChange(event.target.value); }} />
    : <input {...all} onChange={(event) => { onChange(event.target.value); }} />;
}

interface UnreadProps {
  label: string;
  start: string;
  disabled: boolean;
  onRead: () => Promise<void>;
}

/** A cell of which only the start is here: all of it is read before it can be changed. */
export function UnreadCell({ label, start, disabled, onRead }: UnreadProps) {
  const [state, setState] = useState<"start" | "reading" | "failed">("start");
  const read = () => { setState("reading"); onRead().catch(() => { setState("failed"); }); };
  return (
    <button type="button" className={styles.unread} disabled={disabled || state === "reading"} aria-label={`Read all of ${label} to change it`} title="Large: a click reads all of this row, to be changed" onClick={read}>
      <span>{summarize(start, 60)}</span> <em>{state === "reading" ? "reading…" : state === "failed" ? "failed, try again" : "read to edit"}</em>
    </button>
  );
}
