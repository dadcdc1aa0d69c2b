import { memo, useMemo } from "react";

import type { CallHeader } from "@/api/types";
import { criticalPath, heaviest, type PathStep } from "@/lib/critical-path";
import { formatCost, formatSumTokens, plural } from "@/lib/number";
import { durationOf, formatDuration, formatTick, timeTicks } from "@/lib/time";
import type { TreeNode } from "@/lib/tree";
import { kindColor } from "@/ui/marks";
import { cardClass } from "@/ui/page-bar";

import { CallRows, type Folding } from "./call-rows";
import { RowName } from "./row-name";
import type { ViewProps } from "./trace-pane";
import styles from "./trace.module.css";

type Step = PathStep<CallHeader>;

const nameOf = (call: CallHeader) => call.display_name ?? call.op_name;

/** Each call as a bar over time; the line under some of them is the path that the trace waited for. */
export function TimelineView({ roots, nodes, bounds, nowUs, selected, wanted, found, onSelect, ...folding }: ViewProps & Folding) {
  const steps = useMemo(() => pathOf(roots), [roots]);
  const path = useMemo(() => new Map(steps.map((step) => [step.call.id, step])), [steps]);
  const errors = useMemo(() => nodes.filter((node) => node.call.status === "error").length, [nodes]);
  const hasTokens = roots.some((root) => root.call.sum_tokens !== null);
  const isPriced = roots.some((root) => root.call.sum_cost !== null);
  return (
    <div className={styles.view} data-tokens={hasTokens} data-priced={isPriced}>
      <div className={`${styles.line} ${styles.axis}`}>
        <span>{plural(nodes.length, "call")}{errors > 0 && <span className={styles.bad}> · {plural(errors, "error")}</span>}</span>
        <span className={styles.ticks}>{timeTicks(bounds.total).map((tick) => <i key={tick} style={{ left: `${(tick / bounds.total) * 100}%` }}>{formatTick(tick, bounds.total)}</i>)}</span>
        <span className={styles.num}>time</span>
        <span className={`${styles.num} ${styles.tokens}`}>Σ tokens</span>
        <span className={`${styles.num} ${styles.cost}`}>Σ cost</span>
      </div>
      <CallRows {...folding} selected={selected} onSelect={onSelect}>
        {(node, top, onFold) => (
          <TimelineRow key={node.call.id} node={node} top={top} bounds={bounds} nowUs={nowUs} step={path.get(node.call.id)} isSelected={node.call.id === selected}
            isFolded={folding.collapsed.has(node.call.id)} wanted={found.has(node.call.id) ? wanted : ""} onSelect={onSelect} onFold={onFold} />
        )}
      </CallRows>
      <WaitedFor root={roots[0]} steps={steps} />
    </div>
  );
}

function pathOf(roots: readonly TreeNode<CallHeader>[]): Step[] {
  const [root] = roots;
  return root === undefined || roots.length > 1 || root.call.end_us === null || root.children.length === 0 ? [] : criticalPath(root).filter((step) => step.until > step.from);
}

interface RowProps {
  node: TreeNode<CallHeader>;
  top: number;
  bounds: { start: number; total: number };
  nowUs: number;
  step: Step | undefined;
  isSelected: boolean;
  isFolded: boolean;
  wanted: string;
  onSelect: (id: string) => void;
  onFold: (id: string, isFolded: boolean) => void;
}

const isSameRow = (a: RowProps, b: RowProps) =>
  a.node === b.node && a.top === b.top && a.bounds === b.bounds && a.step === b.step && a.isSelected === b.isSelected && a.isFolded === b.isFolded && a.wanted === b.wanted;

const TimelineRow = memo(function TimelineRow({ node, top, bounds, nowUs, step, isSelected, isFolded, wanted, onSelect, onFold }: RowProps) {
  const { call, children, depth } = node;
  const percent = (us: number) => `${Math.max((us / bounds.total) * 100, 0)}%`;
  const hasChildren = children.length > 0;
  return (
    <div id={`call-${call.id}`} className={styles.line} role="treeitem" aria-level={depth + 1} aria-selected={isSelected} aria-expanded={hasChildren ? !isFolded : undefined}
      style={{ transform: `translateY(${top}px)` }} onClick={() => { onSelect(call.id); }}>
      <RowName node={node} isFolded={isFolded} wanted={wanted} onFold={onFold} />
      <span className={styles.track}>
        <i style={{ left: percent(call.start_us - bounds.start), width: percent((call.end_us ?? nowUs) - call.start_us), background: kindColor(call.kind), opacity: hasChildren ? 0.34 : 0.95 }} data-open={call.end_us === null} />
        {step && <b className={styles.onPath} title={`The trace waited for this, ${formatDuration(step.selfUs)} of it for nothing else`} style={{ left: percent(step.from - bounds.start), width: percent(step.until - step.from) }} />}
      </span>
      <span className={`${styles.num} mid`}>{formatDuration(durationOf(call))}</span>
      <span className={`${styles.num} ${styles.tokens} dim`}>{formatSumTokens(call)}</span>
      <span className={`${styles.num} ${styles.cost} dim`}>{formatCost(call)}</span>
    </div>
  );
}, isSameRow);

/** Says where the time of a finished trace went. */
function WaitedFor({ root, steps }: { root: TreeNode<CallHeader> | undefined; steps: readonly Step[] }) {
  const heavy = useMemo(() => heaviest(steps, nameOf), [steps]);
  if (root?.call.end_us == null || steps.length === 0) return null;
  const parts = heavy.map((part) => <span key={part.name}>{formatDuration(part.us)} <em title={part.name}>{part.name}</em>{part.calls > 1 && ` in ${plural(part.calls, "call")}`}</span>);
  return <p className={`${cardClass} ${styles.path}`}><b>Critical path</b>{formatDuration(root.call.end_us - root.call.start_us)}, of which {parts}</p>;
}
