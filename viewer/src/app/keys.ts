interface KeyGroup {
  page: string;
  /** Where these keys work: the address below the project. */
  where: RegExp | null;
  keys: [string[], string][];
}

const WALK = (what: string): [string[], string] => [["j", "k"], `Next and previous ${what}`];

const GROUPS: KeyGroup[] = [
  { page: "Traces", where: /^traces$/, keys: [[["/"], "Search"], WALK("row"), [["x", "X"], "Mark the row, or all up to it"], [["Enter"], "Open the row’s trace"], [["Esc"], "Close the row"]] },
  {
    page: "A trace", where: /^traces\/./, keys: [
      [["1", "2", "3", "4"], "Timeline, tree, flame graph, conversation"], WALK("call or line"), [["h", "l"], "Fold and unfold"], [["/"], "Find calls"], [["n", "N"], "Next and previous found"],
      [["e", "E"], "Next and previous error"], [["[", "]"], "Previous and next sibling"], [["{", "}"], "Previous and next call of the same op"], [["Enter", "0"], "Flame graph: zoom in, and out"], [["Esc"], "Back to the list"],
    ],
  },
  { page: "Threads", where: /^threads$/, keys: [[["/"], "Find words or an id"], WALK("thread"), [["Enter"], "Open the thread"], [["Esc"], "Select none"]] },
  { page: "A thread", where: /^threads\/./, keys: [WALK("turn"), [["Enter"], "Open the turn’s trace"], [["Esc"], "Select none, then back to the list"]] },
  { page: "Objects", where: /^(objects|ops)$/, keys: [[["/"], "Filter objects by name or class"], WALK("object or op"), [["Enter"], "Open it"]] },
  { page: "An object", where: /^(objects|ops)\/./, keys: [WALK("version"), [["Enter"], "Show the version"], [["Esc"], "Back to the list"]] },
  { page: "Evaluations", where: /^evaluations$/, keys: [[["/"], "Filter"], WALK("run"), [["x"], "Select the run"], [["c"], "Compare what is selected"], [["Enter"], "Open the run"], [["Esc"], "Select none"]] },
  { page: "A comparison", where: /^evaluations\/compare$/, keys: [WALK("row"), [["h"], "History of the row"], [["Alt ←", "Alt →"], "Move the focused run; the first is the baseline"], [["Esc"], "Back to the list"]] },
  { page: "Overview", where: /^overview$/, keys: [[["Tab"], "From figure to figure"], [["Enter"], "Show a plot as a table, or the traces behind a row"]] },
  { page: "SQL", where: /^sql$/, keys: [[["⌘↵", "Ctrl ↵"], "Run the query"], [["Ctrl Space"], "Complete a view or a column"], [["Tab"], "Leave the editor"]] },
  { page: "Everywhere", where: null, keys: [[["⌘K", "Ctrl K"], "Go to a page, an op, an object, a run, a thread or an id"], [["?"], "This sheet"]] },
];

/** All keys by page: those of the page at an address first, then those that work everywhere. */
export function keyGroups(path: string): KeyGroup[] {
  const place = path.split("/").slice(3).join("/").replace(/\/$/, "");
  const rank = ({ where }: KeyGroup) => (where === null ? 1 : where.test(place) ? 0 : 2);
  return [...GROUPS].sort((a, b) => rank(a) - rank(b));
}
