import { type ReactNode, useMemo } from "react";

import { isMarkup } from "@/lib/looks";

import styles from "./json-view.module.css";
import { MarkdownView } from "./markdown-view";
import { useLook } from "./use-look";

interface Props {
  text: string;
  /** Names where the text stands: the choice is remembered there. */
  place: string;
  /** Whether Markdown may be made of it: not of a part, nor where it is compared or searched. */
  isFree: boolean;
  /** The text as it is. */
  children: ReactNode;
}

/** A text as it is, with the choice to read it as Markdown if it was written so. */
export function MarkupText({ text, place, isFree, children }: Props) {
  const canRender = useMemo(() => isFree && isMarkup(text), [text, isFree]);
  const [look, setLook] = useLook(place, canRender ? ["text", "markdown"] : ["text"]);
  const isRendered = look === "markdown";
  return (
    <>
      {isRendered ? <div className={styles.rendered}><MarkdownView markup={text} /></div> : children}
      {canRender && <button type="button" className={styles.turn} aria-pressed={isRendered} onClick={() => { setLook(isRendered ? "text" : "markdown"); }}>{isRendered ? "as text" : "as Markdown"}</button>}
    </>
  );
}
