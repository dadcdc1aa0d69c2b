import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { partsOfCall } from "@/api/value-parts";
import { callQuery, type ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { CallDetail, CallHeader } from "@/api/types";
import { isObject } from "@/lib/json";
import { extractMessages } from "@/lib/messages";
import { type Neighbours, peersOf, siblingsOf, stepTo } from "@/lib/neighbours";
import { formatCost, formatCount, formatSumTokens, formatTokens } from "@/lib/number";
import { durationOf, formatDuration, formatFull, formatStarted } from "@/lib/time";
import type { TreeNode } from "@/lib/tree";
import { Kbd } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { KindMark, shortDigest, StatusDot } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import { versionClass } from "@/ui/page-bar";
import { type Tab, Tabs } from "@/ui/tabs";
import { ValuePartsOf } from "@/ui/value-parts";

import { AddCall } from "./add-call";
import { CallCode } from "./call-code";
import { CallMessages } from "./call-messages";
import { DeleteCall } from "./delete-call";
import { ExceptionView } from "./exception-view";
import { FeedbackPanel } from "./feedback-panel";
import { isRowOfEvaluation, RowView } from "./row-view";
import styles from "./trace.module.css";
import { UsagePanel } from "./usage-panel";
import { UsePanel } from "./use-panel";

interface Props {
  p: ProjectId;
  node: TreeNode<CallHeader>;
  roots: readonly TreeNode<CallHeader>[];
  nodes: readonly TreeNode<CallHeader>[];
  calls: readonly CallHeader[];
  tab: string | undefined;
  onTab: (tab: string) => void;
  onSelect: (id: string) => void;
  onDeleted: () => void;
}

/** The header is at hand with the tree, so it is drawn before the call itself has come. */
export function CallPanel({ p, node, roots, nodes, calls, tab, onTab, onSelect, onDeleted }: Props) {
  const { call } = node;
  const query = useQuery(callQuery(p, call.id));
  const siblings = useMemo(() => siblingsOf(nodes, roots, call.id), [nodes, roots, call.id]);
  const peers = useMemo(() => peersOf(calls, call.id), [calls, call.id]);
  const steps = <><Steps name="Sibling" keys={["[", "]"]} among={siblings} onSelect={onSelect} /><Steps name="Peer" keys={["{", "}"]} among={peers} onSelect={onSelect} /></>;
  return (
    <section className={styles.panel} aria-label="Selected call">
      <PanelHead p={p} call={call} isParent={node.children.length > 0} steps={steps} actions={!isShared && <><AddCall call={call} /><DeleteCall p={p} node={node} isWholeTrace={roots.length === 1 && roots[0] === node} onDeleted={onDeleted} /></>} />
      <Gate query={query} what="This call">
        {(detail) => <CallTabs p={p} call={detail} node={node} calls={calls} tab={tab} onTab={onTab} />}
      </Gate>
    </section>
  );
}

interface StepsProps {
  name: string;
  keys: [string, string];
  among: Neighbours;
  onSelect: (id: string) => void;
}

const MEANINGS: Record<string, string> = { Sibling: "calls of the same parent", Peer: "calls of the same op in this trace" };

/** Where the call stands among its like, with the ways to the one before and after it. */
function Steps({ name, keys, among, onSelect }: StepsProps) {
  if (among.count < 2) return null;
  const to = (step: 1 | -1) => {
    const id = stepTo(among, step);
    const label = `${step === 1 ? "Next" : "Previous"} ${name.toLowerCase()}`;
    return <button type="button" aria-label={label} title={label} disabled={id === undefined} onClick={() => { if (id !== undefined) onSelect(id); }}><Kbd>{keys[step === 1 ? 1 : 0]}</Kbd></button>;
  };
  return <span className={styles.steps} title={MEANINGS[name]}>{to(-1)}<span>{name} <b>{formatCount(among.at + 1)}</b> of {formatCount(among.count)}</span>{to(1)}</span>;
}

interface HeadProps {
  p: ProjectId;
  call: CallHeader;
  isParent: boolean;
  steps: ReactNode;
  actions: ReactNode;
}

function PanelHead({ p, call, isParent, steps, actions }: HeadProps) {
  const own = call.input_tokens !== null || call.output_tokens !== null;
  return (
    <header className={styles.head}>
      <div>
        <KindMark kind={call.kind} />
        <h2>{call.display_name ?? call.op_name}</h2>
        {call.display_name !== null && <span className={`${styles.opName} dim small`} title={call.op_name}>{call.op_name}</span>}
        {call.op_digest !== null && <Link className={versionClass} to="/$entity/$project/ops/$name" params={{ ...p, name: call.op_name }} search={{ version: call.op_digest }} title="Open this version of the op">{shortDigest(call.op_digest)}</Link>}
        {call.status !== "success" && <><StatusDot status={call.status} /><span className="small mid">{call.status}</span></>}
      </div>
      <dl className={styles.facts}>
        <Fact name="Latency">{formatDuration(durationOf(call))}</Fact>
        {call.model !== null && <Fact name="Model">{call.model}</Fact>}
        {own && <Fact name="Input">{formatTokens(call.input_tokens)} <span>tokens</span></Fact>}
        {own && <Fact name="Output">{formatTokens(call.output_tokens)} <span>tokens</span></Fact>}
        {!own && call.sum_tokens !== null && <Fact name="Σ tokens"><b title={formatCount(call.sum_tokens)}>{formatSumTokens(call)}</b></Fact>}
        {call.sum_cost !== null && <Fact name={isParent ? "Σ cost" : "Cost"}>{formatCost(call)}</Fact>}
        <Fact name="Started"><time title={formatFull(call.start_us)}>{formatStarted(call.start_us)}</time></Fact>
      </dl>
      <div className={styles.around}>{steps}<span className="spacer" /><span className={styles.acts}>{actions}</span></div>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

interface TabsProps {
  p: ProjectId;
  call: CallDetail;
  node: TreeNode<CallHeader>;
  calls: readonly CallHeader[];
  tab: string | undefined;
  onTab: (tab: string) => void;
}

function CallTabs({ p, call, node, calls, tab, onTab }: TabsProps) {
  const messages = useMemo(() => extractMessages(call.inputs, call.output), [call.inputs, call.output]);
  const { exception, feedback } = call;
  const tabs: Tab[] = [
    ...(isRowOfEvaluation(call) ? [{ id: "row", label: "Row", content: () => <RowView p={p} call={call} below={node.children.map((child) => child.call)} /> }] : []),
    ...(messages === null ? [] : [{ id: "messages", label: "Messages", content: () => <CallMessages p={p} call={call} calls={calls} /> }]),
    ...(exception === null ? [] : [{ id: "exception", label: "Exception", content: () => <ExceptionView p={p} call={call} exception={exception} /> }]),
    { id: "input", label: "Input", content: () => <JsonView value={call.inputs} place={`${call.op_name} input`} path={["inputs"]} /> },
    { id: "output", label: "Output", content: () => <Output call={call} /> },
    ...(call.op_digest === null ? [] : [{ id: "code", label: "Code", content: () => <CallCode p={p} name={call.op_name} digest={call.op_digest ?? ""} /> }]),
    ...(call.usage.length === 0 ? [] : [{ id: "usage", label: "Usage", content: () => <UsagePanel usage={call.usage} /> }]),
    { id: "feedback", label: "Feedback", ...(feedback.length > 0 ? { count: feedback.length } : {}), content: () => <FeedbackPanel p={p} call={call} /> },
    ...(isShared ? [] : [{ id: "use", label: "Use", content: () => <UsePanel p={p} call={call} /> }]),
    { id: "attributes", label: "Attributes", content: () => <Attributes call={call} /> },
  ];
  const parts = useMemo(() => partsOfCall(p, call), [p, call]);
  return <ValuePartsOf value={parts}><Tabs tabs={tabs} active={tab ?? (call.status === "error" ? "exception" : undefined)} onChange={onTab} panelClass={styles.content} /></ValuePartsOf>;
}

function Output({ call }: { call: CallDetail }) {
  if (call.status === "running") return <p className="dim">Still running. The output appears here when the call ends.</p>;
  if (call.status === "interrupted") return <p className="dim">The process ended before this call did, so there is no output.</p>;
  if (call.status === "error" && call.output === null) return <p className="dim">The call raised an exception, so there is no output.</p>;
  return <JsonView value={call.output} place={`${call.op_name} output`} path={["output"]} />;
}

function Attributes({ call }: { call: CallDetail }) {
  const ids = { id: call.id, trace_id: call.trace_id, span_id: call.span_id, ...(call.parent_span_id === null ? {} : { parent_span_id: call.parent_span_id }), ...(call.thread_id === null ? {} : { thread_id: call.thread_id }) };
  const sections: [string, unknown, string][] = [["Attributes", call.attributes, "attributes"], ["Summary", call.summary, "summary"], ["OpenTelemetry span, as it came", call.otel, "otel"], ["Ids", ids, "ids"]];
  return sections.filter(([, value]) => value !== null && !(isObject(value) && Object.keys(value).length === 0)).map(([title, value, body]) => <section key={title} className={styles.section}><JsonView title={title} value={value} path={[body]} /></section>);
}
