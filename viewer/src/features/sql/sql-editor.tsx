import { sql, SQLite } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useEffectEvent, useRef } from "react";

import type { SqlViews } from "@/api/types";

import styles from "./sql.module.css";

interface Props {
  value: string;
  views: SqlViews["views"];
  onChange: (query: string) => void;
  onRun: (query: string) => void;
}

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--panel)", color: "var(--ink)", maxHeight: "40vh" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", minHeight: "92px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--ink3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line2)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--sel)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--ink3)" },
});

/** The colours of the page, in both themes. */
const COLORS = syntaxHighlighting(HighlightStyle.define([
  { tag: tags.keyword, color: "var(--k-llm)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--k-retriever)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--ink3)" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--k-tool)" },
]));

/** The text is the editor's own while it is typed in; another query from outside replaces it. */
export function SqlEditor({ value, views, onChange, onRun }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const change = useEffectEvent(onChange);
  const run = useEffectEvent(onRun);
  const first = useEffectEvent(() => value);
  useEffect(() => {
    if (place.current === null) return;
    const tables = views.map((view) => ({ label: view.name, type: "type", detail: view.meaning.slice(0, 60) }));
    const schema = Object.fromEntries(views.map((view) => [view.name, view.columns]));
    const made = new EditorView({
      parent: place.current,
      doc: first(),
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: (view) => { run(view.state.doc.toString()); return true; } }])),
        basicSetup,
        sql({ dialect: SQLite, schema, tables }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "SQL query", spellcheck: "false" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) change(update.state.doc.toString()); }),
        LOOK,
        COLORS,
      ],
    });
    editor.current = made;
    made.focus();
    return () => { made.destroy(); };
  }, [views]);
  useEffect(() => {
    const made = editor.current;
    if (made === null || made.state.doc.toString() === value) return;
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={place} className={styles.editor} />;
}
