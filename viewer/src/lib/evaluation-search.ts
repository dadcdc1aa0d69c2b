import { given, oneOf, type Search, text } from "./search";

export const GROUPS = ["regressed", "improved", "mixed", "unchanged", "not_comparable"] as const;
export type Group = (typeof GROUPS)[number];

export const VIEWS = ["scatter", "parallel", "setup"] as const;
export type View = (typeof VIEWS)[number];

export interface CompareSearch {
  ids: string;
  group?: Group;
  /** The metric and the run (by id) that groups and order are about; all, when there is none. */
  metric?: string;
  run?: string;
  sort?: "row";
  view?: View;
  /** Axes of the scatter plot, as `place of the run`.`metric`. */
  x?: string;
  y?: string;
  /** What was brushed in a plot. */
  pick?: string;
  /** The digest of the row whose history is shown. */
  row?: string;
}

export const parseCompareSearch = (search: Search): CompareSearch => ({
  ids: splitIds(text(search["ids"]) ?? "").join(","),
  ...given({
    group: oneOf(GROUPS, search["group"]),
    metric: text(search["metric"]),
    run: text(search["run"]),
    sort: oneOf(["row"] as const, search["sort"]),
    view: oneOf(VIEWS, search["view"]),
    x: text(search["x"]),
    y: text(search["y"]),
    pick: text(search["pick"]),
    row: text(search["row"]),
  }),
});

export interface EvaluationsSearch {
  q?: string;
  dataset?: string;
  model?: string;
  /** A column, after a minus when it descends. */
  sort?: string;
}

export const parseEvaluationsSearch = (search: Search): EvaluationsSearch =>
  given({ q: text(search["q"]), dataset: text(search["dataset"]), model: text(search["model"]), sort: text(search["sort"]) });

export interface LeaderboardSearch {
  name?: string;
  dataset?: string;
}

export const parseLeaderboardSearch = (search: Search): LeaderboardSearch => given({ name: text(search["name"]), dataset: text(search["dataset"]) });

export const splitIds = (ids: string): string[] => [...new Set(ids.split(",").map((id) => id.trim()).filter((id) => id !== ""))];

/** The same runs with another one as the baseline, which is the first. */
export const withBaseline = (ids: string, baseline: string): string => moved(ids, baseline, 0);

/** The same runs with one of them at another place. */
export function moved(ids: string, id: string, place: number): string {
  const others = splitIds(ids).filter((each) => each !== id);
  return [...others.slice(0, Math.max(place, 0)), id, ...others.slice(Math.max(place, 0))].join(",");
}
