import type { ReactNode } from "react";

import { isShared } from "@/api/share";
import type { Facet, SearchCheck } from "@/api/types";
import type { KnownValues } from "@/lib/completion";
import { formatCount } from "@/lib/number";
import type { TracesSearch } from "@/lib/search";
import { Button } from "@/ui/button";
import { Segments } from "@/ui/fields";
import { PageBar } from "@/ui/page-bar";

import { SearchBox } from "./search-box";
import styles from "./traces.module.css";

interface Props {
  search: TracesSearch;
  facets: readonly Facet[];
  problem: SearchCheck["problem"] | undefined;
  isFaceted: boolean;
  /** Whether new calls come into the list by themselves. */
  isLive: boolean;
  onType: (q: string) => void;
  onChange: (next: Partial<TracesSearch>) => void;
  children?: ReactNode;
}

const knownOf = (facets: readonly Facet[]): KnownValues =>
  Object.fromEntries(facets.filter((facet) => facet.values.length > 0 || facet.key.startsWith("scores.")).map((facet) => [
    facet.key, [
      ...(facet.low !== null && facet.high !== null && facet.low < facet.high ? [`<${Number(((facet.low + facet.high) / 2).toPrecision(3))}`, `>=${Number(((facet.low + facet.high) / 2).toPrecision(3))}`].map((value) => ({ value, hint: "" })) : []),
      ...facet.values.map(({ value, count }) => ({ value, hint: formatCount(count) })),
    ],
  ]));

export function TracesToolbar({ search, facets, problem, isFaceted, isLive, onType, onChange, children }: Props) {
  return (
    <PageBar>
      <h1 className="sr">Traces</h1>
      {isShared ? <span className="spacer mid small">{search.q !== undefined && <>A shared page cannot search for <code>{search.q}</code>: all that was shared is here.</>}</span> : (
        <>
          <Button isOn={isFaceted} aria-pressed={isFaceted} onClick={() => { onChange({ facets: !isFaceted }); }}>Filters</Button>
          <SearchBox value={search.q ?? ""} known={knownOf(facets)} problem={problem} onChange={onType} />
          {isLive && <span className={styles.live} role="status"><i aria-hidden="true" />Live</span>}
        </>
      )}
      <Segments label="Which calls" value={search.all ? "all" : "roots"} options={[{ value: "roots", label: "Traces" }, { value: "all", label: "All calls" }]} onChange={(which) => { onChange({ all: which === "all" ? true : undefined, call: undefined }); }} />
      {children}
    </PageBar>
  );
}
