import { useSearch } from "@tanstack/react-router";

import type { Comparison, Measure } from "@/api/types";
import { type Group, GROUPS } from "@/lib/evaluation-search";
import { formatCount, plural } from "@/lib/number";
import { isScore } from "@/lib/outline";
import { shortName } from "@/lib/verdict";
import { Button, Kbd } from "@/ui/button";
import { Select } from "@/ui/fields";

import styles from "./compare.module.css";
import { FROM, useChange } from "./use-comparison";

const LABELS: Record<Group, string> = { regressed: "Regressed", improved: "Improved", mixed: "Mixed", unchanged: "Unchanged", not_comparable: "Not comparable" };

interface Props {
  comparison: Comparison;
  measures: readonly Measure[];
  counts: Record<Group, number>;
  shown: number;
  all: number;
}

export function RowFilters({ comparison: { runs, labels }, measures, counts, shown, all }: Props) {
  const { group, metric = "", run = "", sort, pick } = useSearch({ from: FROM });
  const change = useChange();
  const isOne = runs.length === 1;
  const metrics = [{ value: "", label: isOne ? "by row" : "by all scores" }, ...measures.filter((each) => isOne || each.higher_is_better !== null).map((each) => ({ value: each.name, label: `by ${shortName(each.name)}${isScore(each) ? "" : " (not a score)"}` }))];
  const others = [{ value: "", label: "any run" }, ...runs.slice(1).map((each, i) => ({ value: each.id, label: labels[i + 1] ?? "" }))];
  return (
    <div className={styles.groups} role="group" aria-label="Rows">
      {isOne ? <h2>{plural(all, "row")}</h2> : (
        <>
          <Button isOn={group === undefined} aria-pressed={group === undefined} onClick={() => { change({ group: undefined }); }}>All {formatCount(all)}</Button>
          {GROUPS.map((each) => <Button key={each} data-group={each} isOn={group === each} aria-pressed={group === each} disabled={counts[each] === 0 && group !== each} onClick={() => { change({ group: each }); }}>{LABELS[each]} {formatCount(counts[each])}</Button>)}
        </>
      )}
      {pick !== undefined && <Button isOn onClick={() => { change({ pick: undefined }); }}>{formatCount(shown)} picked in the plot ×</Button>}
      <span className="spacer" />
      {!isOne && <Select label="What moved" value={metric} options={metrics} onChange={(next) => { change({ metric: next === "" ? undefined : next }); }} />}
      {runs.length > 2 && <Select label="In which run" value={run} options={others} onChange={(next) => { change({ run: next === "" ? undefined : next }); }} />}
      {!isOne && <Select label="Order" value={sort ?? ""} options={[{ value: "", label: "largest change first" }, { value: "row", label: "as in the dataset" }]} onChange={(next) => { change({ sort: next === "row" ? "row" : undefined }); }} />}
      <Kbd>j</Kbd><Kbd>k</Kbd>
    </div>
  );
}
