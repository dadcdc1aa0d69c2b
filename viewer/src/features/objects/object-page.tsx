import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { objectQuery, objectVersionQuery, type ProjectId } from "@/api/queries";
import type { ObjectVersion, ObjectVersions } from "@/api/types";
import { isObject } from "@/lib/json";
import { formatFull, formatStarted } from "@/lib/time";
import { CopyButton } from "@/ui/copy-button";
import { Segments } from "@/ui/fields";
import { JsonView } from "@/ui/json-view";
import { Alias, shortDigest, Version } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";

import { DatasetRows } from "./dataset-rows";
import styles from "./objects.module.css";
import { VersionChanges } from "./version-changes";

const FROM = "/$entity/$project/objects/$name";

export function ObjectPage() {
  const { entity, project, name } = useParams({ from: FROM });
  const p = { entity, project };
  const query = useQuery(objectQuery(p, name));
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/objects" params={p}>Objects /</Link>} title={name}>
        {query.data && <span className="mid small">{query.data.kind === "object" ? "Value" : query.data.kind}</span>}
      </PageBar>
      <Gate query={query}>{(object) => <ObjectView p={p} object={object} />}</Gate>
    </div>
  );
}

function ObjectView({ p, object }: { p: ProjectId; object: ObjectVersions }) {
  const search = useSearch({ from: FROM });
  const wanted = search.version;
  const shown = object.versions.find((each) => each.digest === wanted || `v${each.version}` === wanted || each.aliases.includes(wanted ?? "")) ?? object.versions[0];
  const previous = object.versions.find((each) => each.version === (shown?.version ?? 0) - 1);
  const query = useQuery({ ...objectVersionQuery(p, object.name, shown?.digest ?? ""), enabled: shown !== undefined });
  return (
    <div className={page.split}>
      <nav className={page.versions} aria-label="Versions">
        {object.versions.map((each) => (
          <Link key={each.digest} to={FROM} params={{ ...p, name: object.name }} search={{ ...search, version: `v${each.version}` }} aria-current={each === shown ? "page" : undefined} replace>
            <span><b>v{each.version}</b><Version>{shortDigest(each.digest)}</Version>{each.aliases.map((alias) => <Alias key={alias}>{alias}</Alias>)}</span>
            <span className="dim small" title={formatFull(each.created_us)}>{formatStarted(each.created_us)}</span>
          </Link>
        ))}
      </nav>
      <section className={page.panel} aria-label="Value">
        <Gate query={query}>{(version) => <VersionView p={p} version={version} previous={previous?.digest} isChanges={search.view === "changes"} />}</Gate>
      </section>
    </div>
  );
}

/** Fields with a leading underscore say how the value was stored, and the rows of a dataset are below it. */
function ownFields({ value, table }: ObjectVersion): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => !name.startsWith("_") && field !== null && !(name === "rows" && table !== null)));
}

interface VersionProps {
  p: ProjectId;
  version: ObjectVersion;
  previous: string | undefined;
  isChanges: boolean;
}

function VersionView({ p, version, previous, isChanges }: VersionProps) {
  const navigate = useNavigate({ from: FROM });
  const change = (view: "value" | "changes") => { void navigate({ search: (before) => ({ ...before, view: view === "changes" ? view : undefined }), replace: true }); };
  const get = `weavelite.ref("${version.name}:v${version.version}").get()`;
  return (
    <div className={page.body}>
      <div className={styles.tools}>
        {previous !== undefined && <Segments label="View" value={isChanges ? "changes" : "value"} options={[{ value: "value", label: "Value" }, { value: "changes", label: "Changes to the previous version" }]} onChange={change} />}
        <span className="spacer" />
        <code className="mid">{get}</code><CopyButton text={get} />
      </div>
      {isChanges && previous !== undefined ? <VersionChanges p={p} version={version} previous={previous} /> : <JsonView value={version.value} shown={ownFields(version)} />}
      {version.table !== null && !isChanges && <DatasetRows key={version.table.digest} digest={version.table.digest} total={version.table.rows} />}
    </div>
  );
}
