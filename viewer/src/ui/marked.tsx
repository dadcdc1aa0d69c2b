import { markedParts } from "@/lib/find";

/** A text in which what was looked for is marked. */
export function Marked({ text, wanted }: { text: string; wanted: string }) {
  if (wanted === "") return text;
  return markedParts(text, wanted).map((part, i) => (part.isFound ? <mark key={i}>{part.text}</mark> : part.text));
}
