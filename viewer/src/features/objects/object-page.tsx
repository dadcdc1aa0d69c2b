import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef } from "react";

import { objectQuery, objectVersionQuery, type ProjectId, refOf } from "@/api/queries";
import { isShared } from "@/api/share";
import type { ObjectVersion, ObjectVersions } from "@/api/types";
import { plural } from "@/lib/number";
import { titleOf } from "@/lib/objects";
import type { ObjectSearch } from "@/lib/search";
import { formatFull, formatStarted } from "@/lib/time";
import { Button } from "@/ui/button";
import { Segments } from "@/ui/fields";
import { Alias, shortDigest, Tag, Version } from "@/ui/marks";
import { Gate, OtherVersion } from "@/ui/notices";
import { crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useGrowing } from "@/ui/use-growing";
import { useKeys } from "@/ui/use-keys";
import { useWalk } from "@/ui/use-walk";

import { DatasetEditor } from "./dataset-editor";
import { LabelHistory } from "./label-history";
import styles from "./objects.module.css";
import { VersionChanges } from "./version-changes";
import { VersionLabels } from "./version-labels";
import { VersionUses } from "./version-uses";
import { VersionValue } from "./version-value";

const FROM = "/$entity/$project/objects/$name";

export function ObjectPage() {
  const { entity, project, name } = useParams({ from: FROM });
  const p = { entity, project };
  const query = useQuery(objectQuery(p, name));
  const kind = query.data?.kind;
  const navigate = useNavigate({ from: FROM });
  const { view } = useSearch({ from: FROM });
  const toList = () => { void navigate({ to: "/$entity/$project/objects", params: p, search: kind === undefined || kind === "object" ? {} : { kind } }); };
  useKeys({ Escape: view === "edit" ? undefined : toList });
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/objects" params={p} search={kind === undefined || kind === "object" ? {} : { kind }}>{titleOf(kind)} /</Link>} title={name} />
      <Gate query={query} what="This object">{(object) => <ObjectView p={p} object={object} />}</Gate>
    </div>
  );
}

/** A version by its digest, its number, or a name that points at it. */
const find = (versions: ObjectVersions["versions"], wanted: string | undefined) =>
  versions.find((each) => each.digest === wanted || `v${each.version}` === wanted || each.aliases.includes(wanted ?? ""));

function ObjectView({ p, object }: { p: ProjectId; object: ObjectVersions }) {
  const search = useSearch({ from: FROM });
  const versions = useRef<HTMLElement>(null);
  useWalk(versions, "a");
  const wanted = find(object.versions, search.version);
  const shown = wanted ?? object.versions[0];
  const { shown: known, left, end } = useGrowing(object.versions, shown === undefined ? 0 : object.versions.indexOf(shown));
  const previous = object.versions.find((each) => each.version === (shown?.version ?? 0) - 1);
  const since = find(object.versions, search.since) ?? previous ?? object.versions.find((each) => each !== shown);
  const query = useQuery({ ...objectVersionQuery(p, object.name, shown?.digest ?? ""), enabled: shown !== undefined });
  return (
    <div className={page.split}>
      <nav ref={versions} className={page.versions} aria-label="Versions">
        {known.map((each) => (
          <Link key={each.digest} to={FROM} params={{ ...p, name: object.name }} search={{ ...search, version: `v${each.version}`, since: undefined }} aria-current={each === shown ? "page" : undefined} replace>
            <span><b>v{each.version}</b><Version>{shortDigest(each.digest)}</Version>{each.aliases.map((alias) => <Alias key={alias}>{alias}</Alias>)}{each.tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}</span>
            <span className="dim small" title={formatFull(each.created_us)}>{formatStarted(each.created_us)}</span>
          </Link>
        ))}
        {left > 0 && <span ref={end} className="dim small">and {plural(left, "older version")}</span>}
      </nav>
      <section className={page.panel} aria-label="Value">
        {search.version !== undefined && wanted === undefined && shown && <OtherVersion wanted={search.version} shown={`v${shown.version}`} />}
        <Gate query={query} what="This version">{(version) => shown && <VersionView p={p} versions={object.versions} version={{ ...version, aliases: shown.aliases, tags: shown.tags }} since={since} view={search.view} />}</Gate>
      </section>
    </div>
  );
}

interface VersionProps {
  p: ProjectId;
  versions: ObjectVersions["versions"];
  version: ObjectVersion;
  since: ObjectVersions["versions"][number] | undefined;
  view: ObjectSearch["view"];
}

function VersionView({ p, versions, version, since, view = undefined }: VersionProps) {
  const navigate = useNavigate({ from: FROM });
  const show = (wanted: ObjectSearch["view"] | "value") => { void navigate({ search: (before) => ({ ...before, view: wanted === "value" ? undefined : wanted }) }); };
  const newest = versions[0];
  if (view === "edit" && version.table !== null && newest !== undefined && !isShared) {
    return <DatasetEditor p={p} name={version.name} base={version.digest} latest={newest.digest} table={version.table} version={version.version} onDone={(digest) => { void navigate({ search: digest === null ? (before) => ({ ...before, view: undefined }) : {}, ignoreBlocker: true }); }} />;
  }
  const options = [
    { value: "value" as const, label: "Value" },
    ...(since === undefined ? [] : [{ value: "changes" as const, label: "Changes" }]),
    { value: "uses" as const, label: "Used by, made from" },
    { value: "history" as const, label: "History" },
  ];
  return (
    <div className={page.body}>
      <VersionLabels p={p} version={version} />
      <div className={styles.tools}>
        <Segments label="View" value={view === undefined || view === "edit" || view === "activity" ? "value" : view} options={options} onChange={show} />
        <span className="spacer" />
        {version.table !== null && !isShared && <Button onClick={() => { void navigate({ search: { version: `v${version.version}`, view: "edit" } }); }}>Edit rows</Button>}
      </div>
      {view === "changes" && since !== undefined
        ? <VersionChanges p={p} version={version} since={since} versions={versions} onSince={(digest) => { void navigate({ search: (before) => ({ ...before, since: digest }), replace: true }); }} />
        : view === "uses" ? <VersionUses p={p} of={refOf(p, "object", version.name, version.digest)} before={versions.find((each) => each.version === version.version - 1)} name={version.name} />
        : view === "history" ? <LabelHistory p={p} name={version.name} versions={versions} />
        : <VersionValue p={p} version={version} />}
    </div>
  );
}
