import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { opQuery, opVersionQuery, type ProjectId } from "@/api/queries";
import type { OpVersions } from "@/api/types";
import { plural } from "@/lib/number";
import { quote } from "@/lib/search-terms";
import { formatFull, formatStarted } from "@/lib/time";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { DiffText } from "@/ui/diff-text";
import { Segments } from "@/ui/fields";
import { KindMark, shortDigest, Version } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";

import styles from "./ops.module.css";

const FROM = "/$entity/$project/ops/$name";

export function OpPage() {
  const { entity, project, name } = useParams({ from: FROM });
  const p = { entity, project };
  const query = useQuery(opQuery(p, name));
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/ops" params={p}>Ops /</Link>} title={<>{query.data && <KindMark kind={query.data.kind} />}{name}</>}>
        <span className="spacer" />
        <Link className={styles.link} to="/$entity/$project/traces" params={p} search={{ q: `op:${quote(name)}`, all: true }}>Show its calls →</Link>
      </PageBar>
      <Gate query={query}>{(op) => <OpView p={p} op={op} />}</Gate>
    </div>
  );
}

function OpView({ p, op }: { p: ProjectId; op: OpVersions }) {
  const search = useSearch({ from: FROM });
  const shown = op.versions.find((each) => each.digest === search.version) ?? op.versions[0];
  const previous = op.versions.find((each) => each.version === (shown?.version ?? 0) - 1);
  if (shown === undefined) return <p className={page.body}>This op has no version: its calls came without code.</p>;
  return (
    <div className={page.split}>
      <nav className={page.versions} aria-label="Versions">
        {op.versions.map((each) => (
          <Link key={each.digest} to={FROM} params={{ ...p, name: op.name }} search={{ ...search, version: each.digest }} aria-current={each === shown ? "page" : undefined} replace>
            <span><b>v{each.version}</b><Version>{shortDigest(each.digest)}</Version></span>
            <span className="dim small" title={formatFull(each.created_us)}>{plural(each.calls, "call")} · {formatStarted(each.created_us)}</span>
          </Link>
        ))}
      </nav>
      <section className={page.panel} aria-label="Code"><div className={page.body}><Code key={shown.digest} p={p} name={op.name} digest={shown.digest} previous={previous?.digest} isChanges={search.view === "changes"} /></div></section>
    </div>
  );
}

interface CodeProps {
  p: ProjectId;
  name: string;
  digest: string;
  previous: string | undefined;
  isChanges: boolean;
}

function Code({ p, name, digest, previous, isChanges }: CodeProps) {
  const query = useQuery(opVersionQuery(p, name, digest));
  const navigate = useNavigate({ from: FROM });
  const change = (view: "code" | "changes") => { void navigate({ search: { version: digest, view: view === "changes" ? view : undefined }, replace: true }); };
  return (
    <Gate query={query}>
      {({ code }) => code === null ? <p className="dim">The code of this version was not captured.</p> : (
        <>
          <div className={styles.tools}>
            {previous !== undefined && <Segments label="View" value={isChanges ? "changes" : "code"} options={[{ value: "code", label: "Code" }, { value: "changes", label: "Changes to the previous version" }]} onChange={change} />}
            <span className="spacer" />
            <CopyButton text={code} />
          </div>
          {isChanges && previous !== undefined ? <Changes p={p} name={name} previous={previous} code={code} /> : <CodeBlock code={code} />}
        </>
      )}
    </Gate>
  );
}

function Changes({ p, name, previous, code }: { p: ProjectId; name: string; previous: string; code: string }) {
  const query = useQuery(opVersionQuery(p, name, previous));
  return <Gate query={query}>{(before) => <pre className={styles.changes}><DiffText before={before.code ?? ""} after={code} side="both" /></pre>}</Gate>;
}
