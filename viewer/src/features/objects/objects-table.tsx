import { Link } from "@tanstack/react-router";
import { useRef } from "react";

import type { ProjectId } from "@/api/queries";
import type { ObjectSummary } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import type { ObjectsFilter, Sort } from "@/lib/objects";
import { formatFull, formatStarted } from "@/lib/time";
import { Alias, shortDigest, Tag, Version } from "@/ui/marks";
import table from "@/ui/table.module.css";
import { ROW, useGrowing } from "@/ui/use-growing";
import { useKeptPlace } from "@/ui/use-kept-place";
import { useWalk } from "@/ui/use-walk";

import styles from "./objects.module.css";

const OBJECT = "/$entity/$project/objects/$name";

export function ObjectsTable({ p, objects, filter }: { p: ProjectId; objects: readonly ObjectSummary[]; filter: ObjectsFilter }) {
  const place = useRef<HTMLDivElement>(null);
  const { top } = useKeptPlace(place, JSON.stringify(filter));
  const { shown, left, end } = useGrowing(objects, Math.ceil(top / ROW));
  useWalk(place, "tbody td:first-child a");
  return (
    <div ref={place} className={table.wrap}>
      <table className={table.table}>
        <thead>
          <tr>
            <Head p={p} filter={filter} sort="name" label="Object" />
            {filter.kind === undefined && <th scope="col">Kind</th>}
            <th scope="col">Newest version</th>
            <th scope="col">Aliases and tags</th>
            <Head p={p} filter={filter} sort="versions" label="Versions" isNumber />
            <Head p={p} filter={filter} sort="created" label="Published" isNumber />
          </tr>
        </thead>
        <tbody>
          {shown.map((object) => (
            <tr key={object.name}>
              <td><span className={styles.named}><Link className={table.name} title={object.name} to={OBJECT} params={{ ...p, name: object.name }}>{object.name}</Link>{object.class_name !== null && object.class_name !== object.kind && <span className={`${styles.class} dim small`}>{object.class_name}</span>}</span></td>
              {filter.kind === undefined && <td className="mid">{object.kind === "object" ? "value" : object.kind}</td>}
              <td>v{object.version} <Version>{shortDigest(object.latest)}</Version></td>
              <td>
                <span className={styles.labels}>
                  {Object.entries(object.aliases).map(([alias, version]) => <Link key={alias} to={OBJECT} params={{ ...p, name: object.name }} search={{ version: alias }} title={`${alias} is v${version}`}><Alias>{version === object.version ? alias : `${alias} v${version}`}</Alias></Link>)}
                  {Object.entries(object.tags).map(([tag, version]) => <Tag key={tag} title={`on v${version}`}>{tag}</Tag>)}
                </span>
              </td>
              <td className={table.num}>{formatCount(object.versions)}</td>
              <td className={`${table.num} dim`}><time title={formatFull(object.created_us)}>{formatStarted(object.created_us)}</time></td>
            </tr>
          ))}
          {left > 0 && <tr ref={end}><td colSpan={6} className="dim">and {plural(left, "other")}</td></tr>}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  p: ProjectId;
  filter: ObjectsFilter;
  sort: Sort;
  label: string;
  isNumber?: boolean;
}

function Head({ p, filter, sort, label, isNumber = false }: HeadProps) {
  const isSorted = (filter.sort ?? "created") === sort;
  return (
    <th scope="col" className={isNumber ? table.num : undefined} aria-sort={isSorted ? (sort === "name" ? "ascending" : "descending") : undefined}>
      <Link to="/$entity/$project/objects" params={p} search={{ ...filter, sort }} replace>{label}{isSorted ? (sort === "name" ? " ↑" : " ↓") : ""}</Link>
    </th>
  );
}
