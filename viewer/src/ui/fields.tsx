import { type Ref, useEffect, useState } from "react";

import { Kbd } from "./button";
import styles from "./parts.module.css";

interface SelectProps<T extends string> {
  label: string;
  value: T | "";
  options: readonly { value: T | ""; label: string }[];
  onChange: (value: T | "") => void;
  className?: string | undefined;
}

export function Select<T extends string>({ label, value, options, onChange, className = "" }: SelectProps<T>) {
  return (
    <select className={`${styles.select} ${className}`} aria-label={label} value={value} onChange={(event) => { onChange(event.target.value as T | ""); }}>
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
    </select>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  inputRef?: Ref<HTMLInputElement>;
  hint?: string;
  onEnter?: (value: string) => void;
}

/** What is typed is passed on when typing pauses, so that not every letter asks the server. */
export function SearchBox({ label, value, onChange, inputRef, hint, onEnter }: SearchProps) {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => {
    if (draft === null || draft === value) return;
    const timer = setTimeout(() => { onChange(draft); }, 200);
    return () => { clearTimeout(timer); };
  }, [draft, value, onChange]);
  const finish = () => {
    if (draft !== null && draft !== value) onChange(draft);
    setDraft(null);
  };
  return (
    <label className={styles.search}>
      <svg width="13" height="13" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true"><circle cx="7" cy="7" r="5" /><path d="m11 11 3.5 3.5" /></svg>
      <input ref={inputRef} type="search" aria-label={label} placeholder={`${label}…`} value={draft ?? value} spellCheck={false} onBlur={finish} onChange={(event) => { setDraft(event.target.value); }}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
          if (event.key === "Enter") onEnter?.(event.currentTarget.value);
        }} />
      {hint !== undefined && <Kbd>{hint}</Kbd>}
    </label>
  );
}

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  return (
    <div className={styles.segments} role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => { onChange(option.value); }}>{option.label}</button>
      ))}
    </div>
  );
}
