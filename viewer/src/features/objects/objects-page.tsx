import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef } from "react";

import { objectsQuery, type ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { ObjectSummary } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { chosen, isShown, KINDS, labelsOf, type ObjectsFilter, titleOf } from "@/lib/objects";
import { SearchBox, Select } from "@/ui/fields";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { EXAMPLES } from "./examples";
import styles from "./objects.module.css";
import { ObjectsTable } from "./objects-table";

const FROM = "/$entity/$project/objects";

export function ObjectsPage() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const p = { entity, project };
  const filter = useSearch({ from: FROM });
  const query = useQuery(objectsQuery(p));
  return (
    <div className={page.page}>
      <PageBar title={titleOf(filter.kind)}>
        {query.data && <Filters objects={query.data.objects} filter={filter} />}
        {filter.kind === "Dataset" && !isShared && <Link className={styles.make} to="/$entity/$project/new-dataset" params={p}>New dataset</Link>}
      </PageBar>
      <Gate query={query} what="The objects">{({ objects }) => <Listed p={p} objects={objects} filter={filter} />}</Gate>
    </div>
  );
}

function Filters({ objects, filter }: { objects: ObjectSummary[]; filter: ObjectsFilter }) {
  const navigate = useNavigate({ from: FROM });
  const box = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => { box.current?.focus(); } });
  const change = (part: Partial<ObjectsFilter>) => { void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value !== "")), replace: true }); };
  const [tags, aliases] = [labelsOf(objects, "tags"), labelsOf(objects, "aliases")];
  const shown = chosen(objects, filter).length;
  const ofKind = objects.filter((each) => isShown(each) && (filter.kind === undefined || each.kind === filter.kind)).length;
  return (
    <>
      <span className="mid small">{shown === ofKind ? "" : `${formatCount(shown)} of ${formatCount(ofKind)}`}</span>
      <span className="spacer" />
      <div className={styles.search}><SearchBox inputRef={box} hint="/" label="Filter by name or class" value={filter.q ?? ""} onChange={(q) => { change({ q }); }} /></div>
      <Select label="Kind" value={filter.kind ?? ""} options={[{ value: "", label: "Any kind" }, ...[...KINDS.map(([kind]) => kind), "Leaderboard", "object"].filter((kind) => kind === filter.kind || objects.some((each) => each.kind === kind)).map((kind) => ({ value: kind, label: kind === "object" ? "Other value" : kind }))]} onChange={(kind) => { change({ kind }); }} />
      {tags.length > 0 && <Select label="Tag" value={filter.tag ?? ""} options={[{ value: "", label: "Any tag" }, ...tags.map((value) => ({ value, label: value }))]} onChange={(tag) => { change({ tag }); }} />}
      {aliases.length > 0 && <Select label="Alias" value={filter.alias ?? ""} options={[{ value: "", label: "Any alias" }, ...aliases.map((value) => ({ value, label: value }))]} onChange={(alias) => { change({ alias }); }} />}
    </>
  );
}

function Listed({ p, objects, filter }: { p: ProjectId; objects: ObjectSummary[]; filter: ObjectsFilter }) {
  const found = chosen(objects, filter);
  if (found.length > 0) return <ObjectsTable p={p} objects={found} filter={filter} />;
  const isFiltered = filter.q !== undefined || filter.tag !== undefined || filter.alias !== undefined;
  if (isFiltered) return <Empty title="Nothing fits"><>Without the filter the list has {plural(chosen(objects, { ...(filter.kind === undefined ? {} : { kind: filter.kind }) }).length, "object")}. <Link className={styles.link} to={FROM} params={p} search={filter.kind === undefined ? {} : { kind: filter.kind }}>Show all</Link></></Empty>;
  const example = EXAMPLES[filter.kind ?? ""];
  if (example === undefined) return <Empty title="No object of this kind">No object here is a {filter.kind}. <Link className={styles.link} to={FROM} params={p} search={{}}>Show all kinds</Link></Empty>;
  return <Empty title={`No ${titleOf(filter.kind).toLowerCase()} yet`} code={example.code}>{example.text}</Empty>;
}
