import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { previewsQuery, type ProjectId } from "@/api/queries";
import type { CallHeader, ListedCall } from "@/api/types";
import { withoutRefs } from "@/lib/json";
import { formatSumTokens } from "@/lib/number";
import { chipScores } from "@/lib/scores";
import { durationOf, formatDuration } from "@/lib/time";
import type { TreeNode } from "@/lib/tree";
import { Reaction, Score } from "@/ui/marks";
import { Marked } from "@/ui/marked";

import { CallRows, type Folding } from "./call-rows";
import { RowName } from "./row-name";
import type { ViewProps } from "./trace-pane";
import styles from "./trace.module.css";

const PIECE = 50;

/** Each call with what went in, what came out or went wrong, and its scores. */
export function TreeView({ p, selected, wanted, found, onSelect, ...folding }: ViewProps & Folding) {
  const { rows, collapsed } = folding;
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useMemo(() => (first: number, last: number) => { setRange([Math.floor(first / PIECE), Math.floor(Math.max(last, 0) / PIECE)]); }, []);
  const previews = usePreviews(p, rows, range);
  return (
    <div className={styles.view}>
      <CallRows {...folding} selected={selected} onSelect={onSelect} onRange={onRange}>
        {(node, top, onFold) => {
          const { call, children, depth } = node;
          const isFolded = collapsed.has(call.id);
          const needle = found.has(call.id) ? wanted : "";
          return (
            <div key={call.id} id={`call-${call.id}`} className={styles.treeLine} role="treeitem" aria-level={depth + 1} aria-selected={call.id === selected} aria-expanded={children.length > 0 ? !isFolded : undefined}
              style={{ transform: `translateY(${top}px)` }} onClick={() => { onSelect(call.id); }}>
              <RowName node={node} isFolded={isFolded} wanted={needle} onFold={onFold} />
              <Gist call={call} preview={previews.get(call.id)} wanted={needle} />
              <span className={`${styles.num} dim`}>{call.sum_tokens === null ? "" : `${children.length > 0 ? "Σ " : ""}${formatSumTokens(call)}`}</span>
              <span className={`${styles.num} mid`}>{formatDuration(durationOf(call))}</span>
            </div>
          );
        }}
      </CallRows>
    </div>
  );
}

function Gist({ call, preview, wanted }: { call: CallHeader; preview: ListedCall | undefined; wanted: string }) {
  return (
    <span className={styles.gist}>
      {preview && <>{preview.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />)}{chipScores(preview.scores).map(([name, value]) => <Score key={name} name={name} value={value} />)}</>}
      {call.error !== null ? <span className={styles.bad}><Marked text={call.error} wanted={wanted} /></span> : preview && <span>{withoutRefs(preview.input_preview)}{preview.output_preview !== "" && <><i> → </i>{withoutRefs(preview.output_preview)}</>}</span>}
    </span>
  );
}

/** Previews of the rows in sight, asked for by the piece. */
function usePreviews(p: ProjectId, rows: readonly TreeNode<CallHeader>[], [first, last]: [number, number]): ReadonlyMap<string, ListedCall> {
  const pieces = Array.from({ length: last - first + 1 }, (_, i) => rows.slice((first + i) * PIECE, (first + i + 1) * PIECE)).filter((piece) => piece.length > 0);
  return useQueries({
    queries: pieces.map((piece) => previewsQuery(p, piece.map((row) => row.call.id), piece.some((row) => row.call.status === "running"))),
    combine: (results) => new Map(results.flatMap((result) => result.data?.calls ?? []).map((call) => [call.id, call])),
  });
}
