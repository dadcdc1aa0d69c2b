/** What the lists of objects need to know of one. */
export interface Listed {
  name: string;
  kind: string;
  class_name: string | null;
  versions: number;
  version: number;
  created_us: number;
  aliases: Record<string, number | undefined>;
  tags: Record<string, number | undefined>;
}

/** The kinds that have a page of their own, in the order of the navigation. */
export const KINDS = [["Prompt", "Prompts"], ["Dataset", "Datasets"], ["Model", "Models"], ["Scorer", "Scorers"], ["Evaluation", "Evaluations"]] as const;

export const titleOf = (kind: string | undefined): string => KINDS.find(([each]) => each === kind)?.[1] ?? "Objects";

const DELETED = "deleted";
const OWN_PAGES = new Set(["SavedView"]);

/** Saved views are in the list of traces, and what was deleted is not listed until its tag is asked for. */
export const isShown = (object: Listed): boolean => !OWN_PAGES.has(object.class_name ?? "") && object.tags[DELETED] !== object.version;

export const SORTS = ["name", "created", "versions"] as const;
export type Sort = (typeof SORTS)[number];

export interface ObjectsFilter {
  kind?: string;
  q?: string;
  tag?: string;
  alias?: string;
  sort?: Sort;
}

const ORDERS: Record<Sort, (a: Listed, b: Listed) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  created: (a, b) => b.created_us - a.created_us,
  versions: (a, b) => b.versions - a.versions || a.name.localeCompare(b.name),
};

export function chosen<T extends Listed>(objects: readonly T[], { kind, q, tag, alias, sort = "created" }: ObjectsFilter): T[] {
  const text = (q ?? "").toLowerCase();
  return objects
    .filter((each) => (isShown(each) || (tag !== undefined && tag in each.tags)) && (kind === undefined || each.kind === kind) && (tag === undefined || tag in each.tags) && (alias === undefined || alias in each.aliases) && `${each.name} ${each.class_name ?? ""}`.toLowerCase().includes(text))
    .sort(ORDERS[sort]);
}

/** How many objects of each kind there are. */
export function countsOf(objects: readonly Listed[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of objects.filter(isShown)) counts.set(each.kind, (counts.get(each.kind) ?? 0) + 1);
  return counts;
}

/** All labels in use, by name. */
export const labelsOf = (objects: readonly Listed[], which: "tags" | "aliases"): string[] => [...new Set(objects.flatMap((each) => Object.keys(each[which])))].sort();
