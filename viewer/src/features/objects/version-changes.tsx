import { useQuery } from "@tanstack/react-query";

import { objectVersionQuery, type ProjectId } from "@/api/queries";
import type { ObjectVersion } from "@/api/types";
import { type FieldChange, fieldChanges, textOf } from "@/lib/json";
import { DiffText } from "@/ui/diff-text";
import { Gate } from "@/ui/notices";

import styles from "./objects.module.css";

export function VersionChanges({ p, version, previous }: { p: ProjectId; version: ObjectVersion; previous: string }) {
  const query = useQuery(objectVersionQuery(p, version.name, previous));
  return <Gate query={query}>{(before) => <Changes before={before} after={version} />}</Gate>;
}

const MOST_LINE = 80;

/** Short values are said as before and after; in long text the words that changed are marked. */
function Change({ before, after }: FieldChange) {
  const [old, now] = [textOf(before), textOf(after)];
  if (old.length > MOST_LINE || now.length > MOST_LINE) return <DiffText before={old} after={now} side="both" />;
  return <>{old !== "" && <DiffText before={old} after="" side="both" />}{old !== "" && now !== "" && " → "}{now !== "" && <DiffText before="" after={now} side="both" />}</>;
}

function Changes({ before, after }: { before: ObjectVersion; after: ObjectVersion }) {
  const changes: FieldChange[] = fieldChanges(before.value, after.value);
  if (before.table?.rows !== after.table?.rows) changes.push({ path: "number of rows", before: before.table?.rows, after: after.table?.rows });
  else if (before.table?.digest !== after.table?.digest) changes.push({ path: "rows", before: before.table?.digest, after: after.table?.digest });
  if (changes.length === 0) return <p className="dim">The fields are the same.</p>;
  return (
    <dl className={styles.changes}>
      {changes.map((change) => [
        <dt key={`${change.path} name`}>{change.path === "" ? "value" : change.path}</dt>,
        <dd key={change.path}><Change {...change} /></dd>,
      ])}
    </dl>
  );
}
