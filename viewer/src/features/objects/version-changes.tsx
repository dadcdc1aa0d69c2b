import { useQuery } from "@tanstack/react-query";

import { opVersionQuery, type ProjectId, wholeVersionQuery } from "@/api/queries";
import type { ObjectVersion, ObjectVersions } from "@/api/types";
import { type FieldChange, fieldChanges, parseRef, type Ref, textOf } from "@/lib/json";
import { DiffLines } from "@/ui/diff-lines";
import { DiffText } from "@/ui/diff-text";
import { Select } from "@/ui/fields";
import { Gate } from "@/ui/notices";
import { RefLink } from "@/ui/ref-link";

import styles from "./objects.module.css";
import { TableChangesView } from "./table-changes";
import { ownFields } from "./version-value";

interface Props {
  p: ProjectId;
  version: ObjectVersion;
  since: ObjectVersions["versions"][number];
  versions: ObjectVersions["versions"];
  onSince: (version: string) => void;
}

/** What is different in this version than in any other one. */
export function VersionChanges({ p, version, since, versions, onSince }: Props) {
  const [old, now] = [useQuery(wholeVersionQuery(p, version.name, since.digest)), useQuery(wholeVersionQuery(p, version.name, version.digest))];
  const options = versions.filter((each) => each.digest !== version.digest).map((each) => ({ value: `v${each.version}`, label: [`v${each.version}`, ...each.aliases, ...each.tags].join(" · ") }));
  return (
    <>
      <p className={styles.tools}>From <Select label="Compare with version" value={`v${since.version}`} options={options} onChange={onSince} /> to <b>v{version.version}</b></p>
      <Gate query={old} what="The version before">{(before) => <Gate query={now} what="This version">{(after) => <Changes p={p} before={before} after={after} />}</Gate>}</Gate>
    </>
  );
}

const MOST_LINE = 80;

function Changes({ p, before, after }: { p: ProjectId; before: ObjectVersion; after: ObjectVersion }) {
  const changes: FieldChange[] = fieldChanges(ownFields(before), ownFields(after));
  const tables = [before.table?.digest, after.table?.digest];
  const hasRows = tables[0] !== tables[1];
  return (
    <>
      {changes.length === 0 && <p className="dim">{hasRows ? "All fields but the rows are the same." : "The fields are the same."}</p>}
      <dl className={styles.changes}>
        {changes.map((change) => [
          <dt key={`${change.path} name`}>{change.path === "" ? "value" : change.path}</dt>,
          <dd key={change.path}><Change p={p} {...change} /></dd>,
        ])}
      </dl>
      {hasRows && <TableChangesView digest={tables[1]} since={tables[0]} counts={[before.table?.rows ?? 0, after.table?.rows ?? 0]} />}
    </>
  );
}

/** Short values are said as before and after; in long text and in lines the words that changed are marked, in code the lines. */
function Change({ p, before, after }: FieldChange & { p: ProjectId }) {
  const [old, now] = [textOf(before), textOf(after)];
  const [from, to] = [parseRef(old), parseRef(now)];
  if (from?.kind === "op" && to?.kind === "op" && from.name === to.name) return <CodeChange p={p} from={from} to={to} />;
  if (from || to) return <>{from ? <RefLink target={from} /> : old} → {to ? <RefLink target={to} /> : now}</>;
  if ([old, now].some((text) => text.length > MOST_LINE || text.includes("\n"))) return <DiffText before={old} after={now} side="both" />;
  return <>{old !== "" && <DiffText before={old} after="" side="both" />}{old !== "" && now !== "" && " → "}{now !== "" && <DiffText before="" after={now} side="both" />}</>;
}

function CodeChange({ p, from, to }: { p: ProjectId; from: Ref; to: Ref }) {
  const [before, after] = [useQuery(opVersionQuery(p, from.name, from.digest)), useQuery(opVersionQuery(p, to.name, to.digest))];
  return (
    <>
      <p className={styles.refs}><RefLink target={from} /> → <RefLink target={to} /></p>
      <Gate query={before} what="The code">{(old) => <Gate query={after} what="The code">{(now) => <DiffLines before={old.code ?? ""} after={now.code ?? ""} />}</Gate>}</Gate>
    </>
  );
}
