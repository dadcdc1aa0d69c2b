import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef } from "react";

import { opQuery, opVersionQuery, type ProjectId } from "@/api/queries";
import type { OpVersions } from "@/api/types";
import { plural } from "@/lib/number";
import { quote } from "@/lib/search-terms";
import type { ObjectSearch } from "@/lib/search";
import { formatFull, formatStarted } from "@/lib/time";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { DiffLines } from "@/ui/diff-lines";
import { Segments, Select } from "@/ui/fields";
import { KindMark, shortDigest, Version } from "@/ui/marks";
import { Gate, OtherVersion } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useGrowing } from "@/ui/use-growing";
import { useKeys } from "@/ui/use-keys";
import { useWalk } from "@/ui/use-walk";

import { OpActivity, OpsAround } from "./op-activity";
import styles from "./ops.module.css";

const FROM = "/$entity/$project/ops/$name";

export function OpPage() {
  const { entity, project, name } = useParams({ from: FROM });
  const p = { entity, project };
  const query = useQuery(opQuery(p, name));
  const kind = query.data?.kind;
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/ops" params={p}>Ops /</Link>} title={<>{kind !== undefined && <KindMark kind={kind} />}{name}</>}>
        <span className="spacer" />
        <Link className={styles.link} to="/$entity/$project/traces" params={p} search={{ q: `op:${quote(name)}`, all: true }}>Show its calls →</Link>
      </PageBar>
      <Gate query={query} what="This op">{(op) => op.versions.length === 0 ? <Codeless p={p} name={name} /> : <OpView p={p} op={op} />}</Gate>
    </div>
  );
}

/** An op of which there are calls, and no version. */
function Codeless({ p, name }: { p: ProjectId; name: string }) {
  return (
    <section className={page.body} aria-label="Code">
      <p className={`${styles.codeless} mid`}>Its calls came without code: an integration, OpenTelemetry or <code>weavelite.log_call</code> recorded them. So there are no versions to compare.</p>
      <OpsAround p={p} name={name} />
    </section>
  );
}

const find = (versions: OpVersions["versions"], wanted: string | undefined) => versions.find((each) => each.digest === wanted || `v${each.version}` === wanted);

function OpView({ p, op }: { p: ProjectId; op: OpVersions }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const versions = useRef<HTMLElement>(null);
  useWalk(versions, "a");
  useKeys({ Escape: () => { void navigate({ to: "/$entity/$project/ops", params: p }); } });
  const wanted = find(op.versions, search.version);
  const shown = wanted ?? op.versions[0];
  const { shown: known, left, end } = useGrowing(op.versions, shown === undefined ? 0 : op.versions.indexOf(shown));
  const previous = op.versions.find((each) => each.version === (shown?.version ?? 0) - 1);
  const since = find(op.versions, search.since) ?? previous ?? op.versions.find((each) => each !== shown);
  if (shown === undefined) return null;
  return (
    <div className={page.split}>
      <nav ref={versions} className={page.versions} aria-label="Versions">
        {known.map((each) => (
          <Link key={each.digest} to={FROM} params={{ ...p, name: op.name }} search={{ ...search, version: each.digest, since: undefined }} aria-current={each === shown ? "page" : undefined} replace>
            <span><b>v{each.version}</b><Version>{shortDigest(each.digest)}</Version></span>
            <span className="dim small" title={formatFull(each.created_us)}>{plural(each.calls, "call")} · {formatStarted(each.created_us)}</span>
          </Link>
        ))}
        {left > 0 && <span ref={end} className="dim small">and {plural(left, "older version")}</span>}
      </nav>
      <section className={page.panel} aria-label="Code">{search.version !== undefined && wanted === undefined && <OtherVersion wanted={search.version} shown={`v${shown.version}`} />}<div className={page.body}><Shown key={shown.digest} p={p} op={op} shown={shown} since={since} view={search.view} /></div></section>
    </div>
  );
}

type OpVersionHead = OpVersions["versions"][number];

interface ShownProps {
  p: ProjectId;
  op: OpVersions;
  shown: OpVersionHead;
  since: OpVersionHead | undefined;
  view: ObjectSearch["view"];
}

function Shown({ p, op, shown, since, view }: ShownProps) {
  const navigate = useNavigate({ from: FROM });
  const change = (wanted: "code" | "changes" | "activity") => { void navigate({ search: (before) => ({ ...before, view: wanted === "code" ? undefined : wanted }) }); };
  const options = [{ value: "code" as const, label: "Code" }, ...(since === undefined ? [] : [{ value: "changes" as const, label: "Changes" }]), { value: "activity" as const, label: "Calls by version" }];
  return (
    <>
      <div className={styles.tools}>
        <Segments label="View" value={view === "changes" || view === "activity" ? view : "code"} options={options} onChange={change} />
        <span className="spacer" />
        <Link className={page.link} to="/$entity/$project/traces" params={p} search={{ q: `op:${quote(`${op.name}:${shown.digest}`)}`, all: true }}>{plural(shown.calls, "call")} of v{shown.version} →</Link>
      </div>
      {view === "activity" ? <OpActivity p={p} name={op.name} />
        : view === "changes" && since !== undefined ? <Changes p={p} op={op} shown={shown} since={since} onSince={(version) => { void navigate({ search: (before) => ({ ...before, since: version }), replace: true }); }} />
        : <Code p={p} name={op.name} digest={shown.digest} />}
    </>
  );
}

function Code({ p, name, digest }: { p: ProjectId; name: string; digest: string }) {
  const query = useQuery(opVersionQuery(p, name, digest));
  return <Gate query={query} what="The code">{({ code }) => code === null ? <p className="dim">The code of this version was not captured.</p> : <div className={styles.code}><CodeBlock code={code} /><CopyButton text={code} /></div>}</Gate>;
}

function Changes({ p, op, shown, since, onSince }: Pick<ShownProps, "p" | "op" | "shown"> & { since: OpVersionHead; onSince: (version: string) => void }) {
  const [before, after] = [useQuery(opVersionQuery(p, op.name, since.digest)), useQuery(opVersionQuery(p, op.name, shown.digest))];
  const options = op.versions.filter((each) => each !== shown).map((each) => ({ value: `v${each.version}`, label: `v${each.version}` }));
  return (
    <>
      <p className={styles.since}>From <Select label="Compare with version" value={`v${since.version}`} options={options} onChange={onSince} /> to <b>v{shown.version}</b></p>
      <Gate query={before} what="The code">{(old) => <Gate query={after} what="The code">{(now) => <DiffLines before={old.code ?? ""} after={now.code ?? ""} />}</Gate>}</Gate>
    </>
  );
}
