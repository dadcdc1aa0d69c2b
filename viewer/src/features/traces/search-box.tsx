import { useCombobox } from "downshift";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useState } from "react";

import type { SearchCheck } from "@/api/types";
import { applied, complete, type Completion, type KnownValues } from "@/lib/completion";
import { Kbd } from "@/ui/button";
import { useKeys } from "@/ui/use-keys";

import styles from "./search.module.css";
import { SearchText } from "./search-text";

const PAUSE_MS = 250;

interface Props {
  value: string;
  known: KnownValues;
  problem: SearchCheck["problem"] | undefined;
  onChange: (q: string) => void;
}

/** What is typed is passed on when typing pauses, so that not every letter asks the server. */
function useDraft(value: string, onChange: (q: string) => void) {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => {
    if (draft === null || draft === value) return;
    const timer = setTimeout(() => { onChange(draft); }, PAUSE_MS);
    return () => { clearTimeout(timer); };
  }, [draft, value, onChange]);
  const finish = () => {
    if (draft !== null && draft !== value) onChange(draft);
    setDraft(null);
  };
  return { text: draft ?? value, setDraft, finish };
}

export function SearchBox({ value, known, problem, onChange }: Props) {
  const { text, setDraft, finish } = useDraft(value, onChange);
  const [caret, setCaret] = useState(0);
  const [scrolled, setScrolled] = useState(0);
  const [input, setInput] = useState<HTMLInputElement | null>(null);
  const [jump, setJump] = useState<{ to: number } | null>(null);
  const problemId = useId();
  const items = useMemo(() => complete(text, caret, known), [text, caret, known]);
  const { isOpen, highlightedIndex, setHighlightedIndex, getInputProps, getMenuProps, getItemProps, closeMenu, openMenu } = useCombobox({
    items, inputValue: text, selectedItem: null, itemToString: (item) => item?.label ?? "",
    // What downshift would put into the box when something is chosen, or left, is not a search.
    stateReducer: (state, { changes }) => ({ ...changes, inputValue: state.inputValue, selectedItem: null }),
  });
  useKeys({ "/": () => { input?.focus(); input?.select(); } });
  useLayoutEffect(() => {
    if (jump !== null) input?.setSelectionRange(jump.to, jump.to);
  }, [input, jump]);

  const choose = (item: Completion) => {
    const made = applied(text, item);
    setDraft(made.text);
    setCaret(made.caret);
    setJump({ to: made.caret });
    setHighlightedIndex(-1);
    input?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement> & { nativeEvent: { preventDownshiftDefault?: boolean } }) => {
    const chosen = isOpen ? items[highlightedIndex] : undefined;
    if (event.key === "Enter") {
      event.nativeEvent.preventDownshiftDefault = true;
      event.preventDefault();
      if (chosen) choose(chosen);
      else { finish(); closeMenu(); }
    } else if (event.key === "Escape" && !isOpen) {
      event.nativeEvent.preventDownshiftDefault = true;
      event.currentTarget.blur();
    }
  };
  const isListed = isOpen && items.length > 0;
  const isWrong = problem !== undefined && problem !== null;
  return (
    <div className={styles.search} data-wrong={isWrong}>
      <svg width="13" height="13" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true"><circle cx="7" cy="7" r="5" /><path d="m11 11 3.5 3.5" /></svg>
      <div className={styles.field}>
        <SearchText text={text} problem={value === text ? problem : undefined} scrolled={scrolled} />
        <input
          {...getInputProps({
            ref: setInput, "aria-label": "Search traces", "aria-invalid": isWrong, ...(isWrong ? { "aria-describedby": problemId } : {}), placeholder: "op:answer status:error latency:>2s, or any text",
            spellCheck: false, autoComplete: "off", autoCapitalize: "off", onKeyDown, onBlur: finish, onClick: () => { openMenu(); }, onFocus: () => { openMenu(); },
            onChange: (event) => { setDraft(event.currentTarget.value); setCaret(event.currentTarget.selectionStart ?? 0); },
            onSelect: (event) => { setCaret(event.currentTarget.selectionStart ?? 0); },
            onScroll: (event) => { setScrolled(event.currentTarget.scrollLeft); },
          })}
        />
      </div>
      {text !== "" && <button type="button" className={styles.clear} aria-label="Clear the search" onClick={() => { setDraft(null); onChange(""); input?.focus(); }}>×</button>}
      <Kbd>/</Kbd>
      <div className={styles.drop} hidden={!isListed && !isWrong}>
        {isWrong && !isListed && <p id={problemId} className={styles.problem} role="alert">{problem.error}</p>}
        <ul {...getMenuProps({ "aria-label": "Completions" })} hidden={!isListed}>
          {isListed && items.map((item, index) => (
            <li key={item.label} {...getItemProps({ item, index, onClick: (event) => { (event.nativeEvent as { preventDownshiftDefault?: boolean }).preventDownshiftDefault = true; choose(item); } })} data-on={index === highlightedIndex}>
              <code>{item.label}</code><span>{item.hint}</span>
            </li>
          ))}
        </ul>
        {isListed && <p className={styles.help}><b>-</b>key:value is not · a,b is or · 1..5 is a range · * is any text · "quotes" hold spaces · times without a zone are UTC</p>}
      </div>
    </div>
  );
}
