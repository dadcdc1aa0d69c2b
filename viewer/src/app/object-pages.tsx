import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { objectsQuery, opsQuery, type ProjectId } from "@/api/queries";
import { formatTokens } from "@/lib/number";
import { countsOf, KINDS } from "@/lib/objects";

import styles from "./layout.module.css";

const COMMON: readonly string[] = ["Prompt", "Dataset", "Model", "Scorer"];

/** The kinds of objects with how many there are; evaluations have a page of their runs. */
export function ObjectPages(p: ProjectId) {
  const objects = useQuery(objectsQuery(p)).data?.objects;
  const ops = useQuery(opsQuery(p)).data?.ops;
  const counts = objects && countsOf(objects);
  const all = counts && [...counts.values()].reduce((sum, count) => sum + count, 0);
  const params = { entity: p.entity, project: p.project };
  return (
    <>
      <li className={styles.group} aria-hidden="true">Versioned</li>
      {KINDS.filter(([kind]) => COMMON.includes(kind)).map(([kind, title]) => (
        <li key={kind}><Link to="/$entity/$project/objects" params={params} search={{ kind }} activeOptions={{ includeSearch: true, exact: false }}>{title}<Count of={counts && (counts.get(kind) ?? 0)} /></Link></li>
      ))}
      <li><Link to="/$entity/$project/objects" params={params} search={{}} activeOptions={{ includeSearch: true, exact: true, explicitUndefined: true }}>All objects<Count of={all} /></Link></li>
      <li><Link to="/$entity/$project/ops" params={params}>Ops<Count of={ops?.length} /></Link></li>
    </>
  );
}

const Count = ({ of }: { of: number | undefined }) => <span>{of === undefined ? "" : formatTokens(of)}</span>;
