import { gistOf, heldOf } from "./content";

/** One line that says what is inside, for a collapsed node or a table cell. */
export function summarize(value: unknown, most = 120): string {
  const said = inWords(value);
  const line = typeof said === "string" ? said.replace(/\s+/g, " ") : JSON.stringify(said, (_, item: unknown) => inWords(item)) ?? "";
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** What a stored value that JSON has no form for is called; any other value is itself. */
export function inWords(value: unknown): unknown {
  const held = heldOf(value);
  return held === null ? value : gistOf(held);
}
