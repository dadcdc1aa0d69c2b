import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { opVersionQuery, type ProjectId } from "@/api/queries";
import type { ObjectVersion } from "@/api/types";
import { partsOfVersion } from "@/api/value-parts";
import { isObject, parseRef, type Ref } from "@/lib/json";
import { extractMessages } from "@/lib/messages";
import { variablesOf } from "@/lib/prompt";
import { CodeBlock } from "@/ui/code-block";
import { JsonView } from "@/ui/json-view";
import { LongText } from "@/ui/long-text";
import { MessagesView } from "@/ui/messages-view";
import { Gate } from "@/ui/notices";
import { RefLink } from "@/ui/ref-link";
import { ValuePartsOf } from "@/ui/value-parts";

import { DatasetRows } from "./dataset-rows";
import styles from "./objects.module.css";

/** Fields with a leading underscore say how the value was stored, and what is shown in its own way is not said twice. */
export function ownFields({ value, table }: Pick<ObjectVersion, "value" | "table">, but: readonly string[] = []): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => !name.startsWith("_") && field !== null && !(name === "rows" && table !== null) && !but.includes(name)));
}

/** A version as what it is: a prompt reads like one, a model shows the code that it runs. */
export function VersionValue({ p, version }: { p: ProjectId; version: ObjectVersion }) {
  const parts = useMemo(() => partsOfVersion(p, version), [p, version]);
  const prompt = promptOf(version);
  const ops = opsOf(version.value);
  const shown = ownFields(version, [...(prompt === null ? [] : [prompt.field]), ...ops.map(([name]) => name)]);
  const hasFields = version.cuts.length > 0 || !isObject(shown) || Object.keys(shown).some((name) => name !== "name" && name !== "description") || (prompt === null && ops.length === 0 && version.table === null);
  const description = isObject(version.value) ? version.value["description"] : null;
  return (
    <ValuePartsOf value={parts}>
      {typeof description === "string" && <p className={styles.description}><LongText text={description} fold={2_000} /></p>}
      {prompt !== null && <PromptView value={prompt.value} />}
      {hasFields && <JsonView value={version.value} shown={shown} path={VALUE} title={prompt === null && ops.length === 0 ? undefined : "Fields"} />}
      {ops.map(([name, ref]) => <OpCode key={name} p={p} name={name} target={ref} />)}
      {version.table !== null && <DatasetRows key={version.table.digest} digest={version.table.digest} total={version.table.rows} />}
    </ValuePartsOf>
  );
}

const VALUE = ["value"];

/** A prompt of which not all is here is shown as the value that it is, which comes in parts. */
function promptOf({ kind, value, cuts }: ObjectVersion): { field: string; value: unknown } | null {
  if (!isObject(value) || cuts.length > 0) return null;
  const field = ["content", "messages", ...(kind === "Prompt" ? [] : ["prompt"])].find((name) => (name === "prompt" || kind === "Prompt") && (isPlain(value[name]) || extractMessages({ messages: value[name] }, null) !== null));
  return field === undefined ? null : { field, value: value[field] };
}

const isPlain = (value: unknown) => typeof value === "string" && parseRef(value) === null;

function PromptView({ value }: { value: unknown }) {
  const variables = variablesOf(value);
  const messages = typeof value === "string" ? null : extractMessages({ messages: value }, null);
  return (
    <section className={styles.prompt} aria-label="Prompt">
      {variables.length > 0 && <p className="mid small">Variables: {variables.map((name) => <code key={name} className={styles.variable}>{`{${name}}`}</code>)}</p>}
      {messages === null ? <p className={styles.promptText}><LongText text={String(value)} fold={8_000} /></p> : <MessagesView messages={messages} />}
    </section>
  );
}

/** Fields that are ops: what the object runs. */
function opsOf(value: unknown): [string, Ref][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, field]): [string, Ref][] => {
    const ref = typeof field === "string" ? parseRef(field) : null;
    return ref?.kind === "op" ? [[name, ref]] : [];
  });
}

function OpCode({ p, name, target }: { p: ProjectId; name: string; target: Ref }) {
  const query = useQuery(opVersionQuery(p, target.name, target.digest));
  return (
    <details className={styles.code} open={name === "predict" || name === "score" || name === "invoke"}>
      <summary><b>{name}</b> <RefLink target={target} /></summary>
      <Gate query={query} what="The code">{({ code }) => code === null ? <p className="dim">The code of this version was not captured.</p> : <CodeBlock code={code} />}</Gate>
    </details>
  );
}
