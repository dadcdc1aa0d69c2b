import { useCallback, useMemo, useRef, useState } from "react";

import type { ProjectId } from "@/api/queries";
import type { CallHeader } from "@/api/types";
import { eventsOf } from "@/lib/event-strip";
import { isCallFound } from "@/lib/find";
import { peersOf, siblingsOf, stepTo } from "@/lib/neighbours";
import { formatCount } from "@/lib/number";
import { TRACE_VIEWS, type TraceSearch, type TraceViewName } from "@/lib/search";
import { filterForest, timeBounds, type TreeNode, visibleRows } from "@/lib/tree";
import { Button, Kbd } from "@/ui/button";
import { SearchBox, Segments } from "@/ui/fields";
import { useKeys } from "@/ui/use-keys";

import { ConversationView } from "./conversation-view";
import { EventStrip } from "./event-strip";
import { FlameView } from "./flame-view";
import { TimelineView } from "./timeline-view";
import styles from "./trace.module.css";
import { TreeView } from "./tree-view";

export interface PaneProps {
  p: ProjectId;
  roots: readonly TreeNode<CallHeader>[];
  /** All calls, depth first. */
  nodes: readonly TreeNode<CallHeader>[];
  calls: readonly CallHeader[];
  nowUs: number;
  selected: TreeNode<CallHeader>;
  search: TraceSearch;
  onChange: (next: TraceSearch) => void;
}

export interface ViewProps {
  p: ProjectId;
  roots: readonly TreeNode<CallHeader>[];
  nodes: readonly TreeNode<CallHeader>[];
  bounds: { start: number; total: number };
  nowUs: number;
  selected: string;
  /** What is looked for; empty when nothing is. */
  wanted: string;
  found: ReadonlySet<string>;
  onSelect: (id: string) => void;
}

const NAMES: Record<TraceViewName, string> = { timeline: "Timeline", tree: "Tree", flame: "Flame", conversation: "Conversation" };
const VIEWS = TRACE_VIEWS.map((value) => ({ value, label: NAMES[value] }));

/** One trace in four views of the same selection, with what is looked for in it. */
export function TracePane({ p, roots, nodes, calls, nowUs, selected, search, onChange }: PaneProps) {
  const view = search.view ?? "timeline";
  const wanted = search.filter ?? "";
  const input = useRef<HTMLInputElement>(null);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const bounds = useMemo(() => timeBounds(calls, nowUs), [calls, nowUs]);
  const events = useMemo(() => eventsOf(calls, bounds, nowUs), [calls, bounds, nowUs]);
  const matches = useMemo(() => matchesOf(nodes, wanted), [nodes, wanted]);
  const found = useMemo(() => new Set(matches), [matches]);
  const shown = useMemo(() => (search.only === true && wanted !== "" ? filterForest(roots, (call) => found.has(call.id)) : roots), [roots, found, search.only, wanted]);
  const rows = useMemo(() => (shown === roots && collapsed.size === 0 ? nodes : visibleRows(shown, collapsed)), [shown, roots, nodes, collapsed]);

  const id = selected.call.id;
  const select = useCallback((call: string | undefined) => { if (call !== undefined) onChange({ call }); }, [onChange]);
  const jump = (step: 1 | -1, ids: readonly string[]) => { select(nextAfter(nodes, ids, id, step)); };
  const errors = () => nodes.filter((node) => node.call.status === "error").map((node) => node.call.id);
  const show = (next: TraceViewName) => { onChange({ view: next === "timeline" ? undefined : next }); };
  useKeys({
    "/": () => { input.current?.focus(); input.current?.select(); },
    n: () => { jump(1, matches); }, N: () => { jump(-1, matches); },
    e: () => { jump(1, errors()); }, E: () => { jump(-1, errors()); },
    "]": () => { select(stepTo(siblingsOf(nodes, roots, id), 1)); }, "[": () => { select(stepTo(siblingsOf(nodes, roots, id), -1)); },
    "}": () => { select(stepTo(peersOf(calls, id), 1)); }, "{": () => { select(stepTo(peersOf(calls, id), -1)); },
    ...Object.fromEntries(TRACE_VIEWS.map((each, i) => [String(i + 1), () => { show(each); }])),
  });

  const props: ViewProps = { p, roots, nodes, bounds, nowUs, selected: id, wanted, found, onSelect: select };
  const folding = { rows, collapsed, onCollapse: setCollapsed };
  const isList = view === "timeline" || view === "tree";
  const foldable = () => new Set(nodes.filter((row) => row.depth > 0 && row.children.length > 0).map((row) => row.call.id));
  return (
    <section className={styles.tree} aria-label="Calls">
      <div className={styles.treeBar}>
        <Segments label="View" value={view} options={VIEWS} onChange={show} />
        <SearchBox inputRef={input} label="Find calls" value={wanted} hint="/" onChange={(filter) => { onChange({ filter: filter === "" ? undefined : filter }); }} onEnter={(filter) => { jump(1, matchesOf(nodes, filter)); }} />
        {isList && calls.length > 1 && <Button look="quiet" onClick={() => { setCollapsed(collapsed.size === 0 ? foldable() : new Set()); }}>{collapsed.size === 0 ? "Fold all" : "Unfold all"}</Button>}
      </div>
      {wanted !== "" && <Found matches={matches} at={matches.indexOf(id)} isOnly={search.only === true} canHide={isList} onJump={(step) => { jump(step, matches); }} onOnly={(only) => { onChange({ only: only ? true : undefined }); }} />}
      <EventStrip events={events} bounds={bounds} nowUs={nowUs} selected={selected.call} onSelect={select} />
      {view === "timeline" && <TimelineView {...props} {...folding} />}
      {view === "tree" && <TreeView {...props} {...folding} />}
      {view === "flame" && <FlameView {...props} zoom={search.zoom} onZoom={(zoom) => { onChange({ zoom }); }} />}
      {view === "conversation" && <ConversationView {...props} />}
    </section>
  );
}

const matchesOf = (nodes: readonly TreeNode<CallHeader>[], wanted: string) => (wanted === "" ? [] : nodes.filter((node) => isCallFound(node.call, wanted)).map((node) => node.call.id));

/** The nearest of some calls before or after one in the tree; the first or the last again after the ends. */
function nextAfter(nodes: readonly TreeNode<CallHeader>[], ids: readonly string[], from: string, step: 1 | -1): string | undefined {
  const wanted = new Set(ids);
  const start = nodes.findIndex((node) => node.call.id === from);
  for (let i = 1; i <= nodes.length; i += 1) {
    const id = nodes[(start + step * i + nodes.length * 2) % nodes.length]?.call.id;
    if (id !== undefined && wanted.has(id)) return id;
  }
  return undefined;
}

interface FoundProps {
  matches: readonly string[];
  at: number;
  isOnly: boolean;
  canHide: boolean;
  onJump: (step: 1 | -1) => void;
  onOnly: (isOnly: boolean) => void;
}

function Found({ matches, at, isOnly, canHide, onJump, onOnly }: FoundProps) {
  const count = matches.length === 0 ? "No call matches" : at < 0 ? `${formatCount(matches.length)} found` : `${formatCount(at + 1)} of ${formatCount(matches.length)} found`;
  return (
    <div className={styles.found}>
      <span role="status">{count}</span>
      {matches.length > 0 && <Button look="quiet" onClick={() => { onJump(1); }}>Next <Kbd>n</Kbd></Button>}
      {matches.length > 0 && <Button look="quiet" onClick={() => { onJump(-1); }}>Previous <Kbd>N</Kbd></Button>}
      {canHide && matches.length > 0 && <label><input type="checkbox" checked={isOnly} onChange={(event) => { onOnly(event.target.checked); }} /> Hide the others</label>}
    </div>
  );
}
