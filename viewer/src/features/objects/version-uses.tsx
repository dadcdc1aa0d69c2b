import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { lineageQuery, type ProjectId, usesQuery } from "@/api/queries";
import type { Lineage, LineageNode, ObjectVersions, Uses } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { Graph } from "@/ui/graph";
import { Version, shortDigest } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import page from "@/ui/page.module.css";

import styles from "./objects.module.css";

interface Props {
  p: ProjectId;
  of: string;
  name: string;
  before: ObjectVersions["versions"][number] | undefined;
}

/** Who used this version, and what it was made of. */
export function VersionUses({ p, of, name, before }: Props) {
  const [uses, around] = [useQuery(usesQuery(p, of)), useQuery(lineageQuery(p, of))];
  return (
    <>
      <Gate query={uses} what="Who used this">{(known) => <Said p={p} of={of} uses={known} lineage={around.data} name={name} before={before} />}</Gate>
      <Gate query={around} what="What this is made of">{(lineage) => <Around p={p} of={of} lineage={lineage} />}</Gate>
    </>
  );
}

function Said({ p, of, uses, lineage, name, before }: { p: ProjectId; of: string; uses: Uses; lineage: Lineage | undefined; name: string; before: Props["before"] }) {
  const next = new Set(lineage?.edges.filter((edge) => edge.source === of).map((edge) => edge.target));
  const holders = lineage?.nodes.filter((node) => next.has(node.id) && node.kind !== "run") ?? [];
  const runs = lineage?.nodes.filter((node) => node.kind === "run") ?? [];
  const calls = uses.more ? `More than ${formatCount(uses.calls)} calls` : plural(uses.calls, "call");
  return (
    <dl className={styles.facts}>
      <dt>Went into</dt>
      <dd>{uses.calls === 0 ? <span className="dim">no call: none has it, or a row of it, among its inputs</span> : <Link className={page.link} to="/$entity/$project/traces" params={p} search={{ q: `ref:"${of}*"`, all: true }}>{calls} →</Link>}</dd>
      <dt>Part of</dt>
      <dd>{holders.length === 0 ? <span className="dim">no other object</span> : holders.map((node) => <NodeLink key={node.id} p={p} node={node} />)}</dd>
      <dt>Evaluated in</dt>
      <dd>{runs.length === 0 ? <span className="dim">no run</span> : <>{runs.slice(0, 12).map((node) => <NodeLink key={node.id} p={p} node={node} />)}{runs.length > 12 && <span className="dim small">and {runs.length - 12} more</span>}</>}</dd>
      <dt>Made by</dt>
      <dd>{uses.made_by.length === 0 ? <span className="dim" title="Calls of the ten minutes before it was published are looked at.">no call that gave it back: it was published by itself</span> : uses.made_by.map((call) => <Link key={call.id} className={page.link} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: call.trace_id }} search={{ call: call.id }}>{call.op_name} <time className="dim small" title={formatFull(call.start_us)}>{formatStarted(call.start_us)}</time></Link>)}</dd>
      {before !== undefined && <><dt>Follows</dt><dd><Link className={page.link} to="/$entity/$project/objects/$name" params={{ ...p, name }} search={{ version: `v${before.version}` }}>v{before.version}</Link></dd></>}
    </dl>
  );
}

function NodeLink({ p, node }: { p: ProjectId; node: LineageNode }) {
  const label = <>{node.name} {node.version === null ? "" : `v${node.version}`}{node.digest === null ? "" : <Version>{shortDigest(node.digest)}</Version>}</>;
  if (node.kind === "run") return <Link className={page.link} to="/$entity/$project/evaluations/compare" params={p} search={{ ids: node.id }}>{label}</Link>;
  const search = node.digest === null ? {} : { version: node.digest };
  return node.kind === "op"
    ? <Link className={page.link} to="/$entity/$project/ops/$name" params={{ ...p, name: node.name }} search={search}>{label}</Link>
    : <Link className={page.link} to="/$entity/$project/objects/$name" params={{ ...p, name: node.name }} search={search}>{label}</Link>;
}

const COLOURS: Partial<Record<string, string>> = { op: "op", Dataset: "retriever", Prompt: "llm", Model: "agent", Scorer: "scorer", Evaluation: "evaluation", run: "tool" };

function Around({ p, of, lineage }: { p: ProjectId; of: string; lineage: Lineage }) {
  const nodes = lineage.nodes.map((node) => ({
    id: node.id,
    title: node.name,
    detail: [node.kind === "object" ? "value" : node.kind.toLowerCase(), node.version === null ? "" : `v${node.version}`, node.kind === "run" && node.at_us !== null ? formatStarted(node.at_us) : ""].filter(Boolean).join(" · "),
    colour: `var(--k-${COLOURS[node.kind] ?? "chain"})`,
    isHere: node.id === of,
    href: hrefOf(p, node),
  }));
  return (
    <section aria-label="Lineage">
      <h3 className={styles.rowsTitle}>Lineage</h3>
      {nodes.length < 2 ? <p className="dim">It holds no other version, and none holds it.</p> : <Graph label="Lineage, from what it was made of at the left to the runs at the right" nodes={nodes} edges={lineage.edges} />}
      {lineage.more > 0 && <p className="dim small">{plural(lineage.more, "further version or run", "further versions and runs")} are not drawn.</p>}
    </section>
  );
}

const hrefOf = (p: ProjectId, node: LineageNode): string => {
  const base = `/${encodeURIComponent(p.entity)}/${encodeURIComponent(p.project)}`;
  if (node.kind === "run") return `${base}/evaluations/compare?ids=${node.id}`;
  return `${base}/${node.kind === "op" ? "ops" : "objects"}/${encodeURIComponent(node.name)}?version=${node.digest ?? ""}`;
};
