import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { labelsQuery, type ProjectId } from "@/api/queries";
import type { LabelChange, ObjectVersions } from "@/api/types";
import { plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { Alias, Tag } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import page from "@/ui/page.module.css";
import { useGrowing } from "@/ui/use-growing";

import styles from "./objects.module.css";

type Event = { at_us: number; published: number } | LabelChange;

/** Which alias pointed where and when: nothing of it is ever written over. */
export function LabelHistory({ p, name, versions }: { p: ProjectId; name: string; versions: ObjectVersions["versions"] }) {
  const query = useQuery(labelsQuery(p, name));
  return (
    <Gate query={query} what="The history">
      {({ changes }) => {
        const told = changes.filter((change) => change.label !== "latest" || !versions.some((each) => each.digest === change.digest && Math.abs(each.created_us - change.at_us) < 2));
        const events: Event[] = [...told, ...versions.map((each) => ({ at_us: each.created_us, published: each.version }))].sort((a, b) => b.at_us - a.at_us);
        return <Events p={p} name={name} events={events} />;
      }}
    </Gate>
  );
}

function Events({ p, name, events }: { p: ProjectId; name: string; events: readonly Event[] }) {
  const { shown, left, end } = useGrowing(events);
  return (
    <ol className={styles.history} aria-label="History of versions, aliases and tags">
      {shown.map((event, i) => (
        <li key={i}>
          <time className="dim" title={formatFull(event.at_us)}>{formatStarted(event.at_us)}</time>
          <span>{"published" in event ? <><To p={p} name={name} version={event.published} /> was published</> : <Changed p={p} name={name} change={event} />}</span>
        </li>
      ))}
      {left > 0 && <li ref={end} className="dim small">and {plural(left, "older event")}</li>}
    </ol>
  );
}

function Changed({ p, name, change }: { p: ProjectId; name: string; change: LabelChange }) {
  const version = <To p={p} name={name} version={change.version} />;
  if (change.kind === "tag") return <><Tag>{change.label}</Tag> {change.is_set ? "was put on" : "was taken off"} {version}</>;
  return change.is_set ? <><Alias>{change.label}</Alias> was pointed at {version}</> : <><Alias>{change.label}</Alias> was taken away from {version}</>;
}

function To({ p, name, version }: { p: ProjectId; name: string; version: number | null }) {
  if (version === null) return <>a version that is gone</>;
  return <Link className={page.link} to="/$entity/$project/objects/$name" params={{ ...p, name }} search={{ version: `v${version}` }}>v{version}</Link>;
}
