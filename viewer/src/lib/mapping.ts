/** Which column of a dataset takes what of a call. */
export interface Mapped {
  column: string;
  /** The field of the call; empty for none. */
  source: string;
}

export interface Sources {
  label: string;
  names: string[];
}

const ROOTS = [["inputs", "Inputs"], ["output", "Output"], ["scores", "Scores"], ["attributes", "Attributes"]] as const;
const OTHERS = ["notes", "reactions", "error", "model", "latency", "cost", "thread_id", "op_name"];
/** What a column is called that holds the right answer. */
const ANSWERS = ["expected", "output", "answer", "expected_output", "target", "label", "reference", "ground_truth"];

const PART = /(?:[^.\\]|\\.)+/gsu;
const partsOf = (name: string): string[] => name.match(PART) ?? [];
const plain = (part: string) => part.replace(/\\(.)/gsu, "$1");

/** The fields that calls hold, with those above them, by where they are: what is said first holds most. */
export function sourcesOf(held: readonly string[]): Sources[] {
  const groups = ROOTS.map(([root, label]): Sources => {
    const names = new Set<string>(root === "scores" ? [] : [root]);
    for (const parts of held.map(partsOf).filter(([first]) => first === root)) {
      for (let size = 2; size <= parts.length; size += 1) names.add(parts.slice(0, size).join("."));
    }
    return { label, names: [...names] };
  });
  return [...groups.filter(({ names }) => names.length > 0), { label: "The call", names: [...OTHERS] }];
}

/** The name of a column for a field: its last part. */
export const columnOf = (source: string): string => plain(partsOf(source).at(-1) ?? source);

const inputsOf = (names: readonly string[]) => names.filter((name) => partsOf(name).length === 2 && name.startsWith("inputs.") && name !== "inputs.self");

/** What is proposed: for each column the field of its name, for the right answer the output; for a new dataset all inputs and the output. */
export function proposed(sources: readonly Sources[], columns: readonly string[] | null): Mapped[] {
  const names = sources.flatMap((group) => group.names);
  if (columns === null) return [...inputsOf(names).map((source) => ({ column: columnOf(source), source })), { column: "expected", source: "output" }];
  return columns.map((column) => ({ column, source: sourceFor(column, names) }));
}

function sourceFor(column: string, names: readonly string[]): string {
  const named = ["inputs", "output", "scores", "attributes"].map((root) => names.find((name) => name.startsWith(`${root}.`) && partsOf(name).length === 2 && columnOf(name) === column)).find((name) => name !== undefined);
  return named ?? (ANSWERS.includes(column) ? "output" : "");
}

/** What is wrong with a mapping, in words. */
export function faultOf(mapped: readonly Mapped[], callColumn: string | null): string | null {
  const used = mapped.filter(({ source }) => source !== "").map(({ column }) => column.trim());
  if (used.length === 0) return "Choose what goes into at least one column.";
  if (used.includes("") || callColumn?.trim() === "") return "A column has no name.";
  const all = [...used, ...(callColumn === null ? [] : [callColumn.trim()])];
  const double = all.find((name, i) => all.indexOf(name) !== i);
  return double === undefined ? null : `Two columns are called ${double}.`;
}

export const columnsFor = (mapped: readonly Mapped[]): Record<string, string> => Object.fromEntries(mapped.filter(({ source }) => source !== "").map(({ column, source }) => [column.trim(), source]));
