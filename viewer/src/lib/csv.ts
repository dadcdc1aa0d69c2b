type Cell = string | number | boolean | null | undefined;

const NEEDS_QUOTES = /[",\r\n]/;

/** RFC 4180: quotes around what has commas, quotes or line ends; null is nothing at all. */
const cellOf = (value: Cell): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvOf = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [columns, ...rows].map((row) => row.map(cellOf).join(",")).join("\r\n") + "\r\n";

/** Reads CSV or, where the first line has tabs, what a spreadsheet copies. Quoted cells may hold anything; empty lines are left out. */
export function parseTable(text: string): string[][] {
  const separator = /^[^\r\n]*\t/.test(text) ? "\t" : ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => { row.push(cell); cell = ""; };
  const endRow = () => { endCell(); if (row.some((each) => each !== "")) rows.push(row); row = []; };
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') { cell += '"'; i += 1; } else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === separator) endCell();
    else if (character === "\n") endRow();
    else if (character !== "\r") cell += character;
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}
