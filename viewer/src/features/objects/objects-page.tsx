import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Fragment } from "react";

import { objectsQuery, type ProjectId } from "@/api/queries";
import type { ObjectSummary } from "@/api/types";
import { formatCount } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { shortDigest, Version } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import table from "@/ui/table.module.css";

const EXAMPLE = `dataset = weavelite.Dataset(name="tickets", rows=rows)
weavelite.publish(dataset)`;

const GROUPS: [string, string][] = [["Model", "Models"], ["Dataset", "Datasets"], ["Scorer", "Scorers"], ["Evaluation", "Evaluations"], ["Prompt", "Prompts"]];

export function ObjectsPage() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const query = useQuery(objectsQuery({ entity, project }));
  return (
    <div className={page.page}>
      <PageBar title="Objects"><span className="mid small">values published under a name, every version kept</span></PageBar>
      <Gate query={query}>
        {({ objects }) => objects.length === 0
          ? <Empty title="No objects yet" code={EXAMPLE}>Publish a dataset, a model, a prompt or any value. Each change becomes a version that can be fetched and compared.</Empty>
          : <ObjectsTable p={{ entity, project }} objects={objects} />}
      </Gate>
    </div>
  );
}

function ObjectsTable({ p, objects }: { p: ProjectId; objects: ObjectSummary[] }) {
  const known = new Set(GROUPS.map(([kind]) => kind));
  const groups = [...GROUPS.map(([kind, title]) => ({ title, members: objects.filter((each) => each.kind === kind) })), { title: "Other", members: objects.filter((each) => !known.has(each.kind)) }];
  return (
    <div className={table.wrap}>
      <table className={table.table}>
        <thead><tr><th scope="col">Object</th><th scope="col">Class</th><th scope="col">Latest</th><th scope="col" className={table.num}>Versions</th><th scope="col" className={table.num}>Published</th></tr></thead>
        <tbody>
          {groups.filter((group) => group.members.length > 0).map((group) => (
            <Fragment key={group.title}>
              <tr className={table.group}><td colSpan={5}>{group.title} <span className="dim">{group.members.length}</span></td></tr>
              {group.members.map((object) => (
                <tr key={object.name}>
                  <td><Link className={table.name} to="/$entity/$project/objects/$name" params={{ ...p, name: object.name }}>{object.name}</Link></td>
                  <td className="mid">{object.class_name}</td>
                  <td>v{object.version} <Version>{shortDigest(object.latest)}</Version></td>
                  <td className={table.num}>{formatCount(object.versions)}</td>
                  <td className={`${table.num} dim`}><time title={formatFull(object.created_us)}>{formatStarted(object.created_us)}</time></td>
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
