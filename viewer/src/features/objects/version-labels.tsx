import { type FormEvent, useState } from "react";

import { useSetLabel } from "@/api/mutations";
import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { ObjectVersion } from "@/api/types";
import { formatFull, formatStarted } from "@/lib/time";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Alias, shortDigest, Tag, Version } from "@/ui/marks";

import styles from "./objects.module.css";

type Kind = "alias" | "tag";
const LATEST = "latest";

/** Which version this is, by all its names, which can be set and taken away here. */
export function VersionLabels({ p, version }: { p: ProjectId; version: ObjectVersion }) {
  const [adding, setAdding] = useState<Kind | null>(null);
  const set = useSetLabel(p, version.name);
  const get = `weavelite.ref("${version.name}:v${version.version}").get()`;
  const change = (kind: Kind, label: string, is_set: boolean) => { set.mutate({ kind, label, version: version.digest, is_set }, { onSuccess: () => { setAdding(null); } }); };
  return (
    <header className={styles.head}>
      <div className={styles.names}>
        <h2>v{version.version}</h2><Version title={version.digest}>{shortDigest(version.digest)}</Version>
        {version.aliases.map((alias) => <Label key={alias} kind="alias" label={alias} isFixed={isShared || alias === LATEST} onRemove={() => { change("alias", alias, false); }} />)}
        {version.tags.map((tag) => <Label key={tag} kind="tag" label={tag} isFixed={isShared} onRemove={() => { change("tag", tag, false); }} />)}
        {!isShared && adding === null && <><Button look="quiet" onClick={() => { setAdding("alias"); }}>+ alias</Button><Button look="quiet" onClick={() => { setAdding("tag"); }}>+ tag</Button></>}
        {adding !== null && <NewLabel key={adding} kind={adding} isBusy={set.isPending} onAdd={(label) => { change(adding, label, true); }} onCancel={() => { setAdding(null); set.reset(); }} />}
      </div>
      <div className={styles.names}>
        <span className="dim small">published <time title={formatFull(version.created_us)}>{formatStarted(version.created_us)}</time>{version.class_name === null ? "" : `, a ${version.class_name}`}</span>
        <span className="spacer" />
        <code className="mid">{get}</code><CopyButton text={get} />
      </div>
      {set.error && <p className={styles.wrong} role="alert">{set.error.message}</p>}
    </header>
  );
}

function Label({ kind, label, isFixed, onRemove }: { kind: Kind; label: string; isFixed: boolean; onRemove: () => void }) {
  return (
    <span className={styles.label}>
      {kind === "alias" ? <Alias>{label}</Alias> : <Tag>{label}</Tag>}
      {!isFixed && <button type="button" aria-label={`Take away the ${kind} ${label}`} title={`Take away the ${kind}; the history keeps it`} onClick={onRemove}>×</button>}
    </span>
  );
}

function NewLabel({ kind, isBusy, onAdd, onCancel }: { kind: Kind; isBusy: boolean; onAdd: (label: string) => void; onCancel: () => void }) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => { event.preventDefault(); if (text.trim() !== "") onAdd(text.trim()); };
  return (
    <form className={styles.newLabel} onSubmit={submit}>
      <input autoFocus aria-label={kind === "alias" ? "Alias that points here" : "Tag for this version"} placeholder={kind === "alias" ? "production" : "reviewed"} value={text} maxLength={128} spellCheck={false} onChange={(event) => { setText(event.target.value); }} onKeyDown={(event) => { if (event.key === "Escape") onCancel(); }} />
      <Button type="submit" look="primary" disabled={isBusy || text.trim() === ""}>{kind === "alias" ? "Point here" : "Add tag"}</Button>
      <Button look="quiet" onClick={onCancel}>Cancel</Button>
    </form>
  );
}
