import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useAnnotate } from "@/api/mutations";
import { objectsQuery, objectVersionQuery, type ProjectId } from "@/api/queries";
import type { CallDetail, Feedback } from "@/api/types";
import { type Field, fieldOf, valueOf } from "@/lib/annotation";
import { isObject, parseRef } from "@/lib/json";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/notices";

import styles from "./feedback-panel.module.css";

export const ANNOTATION = "wandb.annotation.";

/** A question for each AnnotationSpec of the project that asks about calls of this op. */
export function AnnotationsForm({ p, call, given }: { p: ProjectId; call: CallDetail; given: readonly Feedback[] }) {
  const { data } = useQuery(objectsQuery(p));
  const named = data?.objects.filter((each) => each.class_name === "AnnotationSpec") ?? [];
  const versions = useQueries({ queries: named.map((each) => objectVersionQuery(p, each.name, each.latest)) });
  const specs = versions.flatMap(({ data: spec }) => (spec && isObject(spec.value) && isAbout(spec.value, call) ? [{ name: spec.name, value: spec.value }] : []));
  if (specs.length === 0) return <p className="dim small">Publish a <code>weavelite.AnnotationSpec</code>, and its question stands here, beside every call.</p>;
  return specs.map(({ name, value }) => (
    <Question key={name} p={p} call={call} name={name} about={typeof value["description"] === "string" ? value["description"] : ""} field={fieldOf(isObject(value["field_schema"]) ? value["field_schema"] : {})}
      answer={given.findLast((each) => each.type === ANNOTATION + name)?.payload["value"]} />
  ));
}

function isAbout(spec: Record<string, unknown>, call: CallDetail): boolean {
  const scope = spec["op_scope"];
  return !Array.isArray(scope) || scope.length === 0 || scope.some((ref) => typeof ref === "string" && parseRef(ref)?.name === call.op_name);
}

interface QuestionProps {
  p: ProjectId;
  call: CallDetail;
  name: string;
  about: string;
  field: Field;
  answer: unknown;
}

function Question({ p, call, name, about, field, answer }: QuestionProps) {
  const annotate = useAnnotate(p, call);
  const [typed, setTyped] = useState("");
  const send = (value: unknown) => { if (value !== undefined) annotate.mutate({ spec: name, value }, { onSuccess: () => { setTyped(""); } }); };
  const value = valueOf(field, typed);
  return (
    <div className={styles.question} role="group" aria-label={name}>
      <b>{name}</b>{about !== "" && <span className="dim small">{about}</span>}
      {field.kind === "options"
        ? <div className={styles.reactions}>{field.options.map((option) => <Button key={JSON.stringify(option)} isOn={option === answer} aria-pressed={option === answer} disabled={annotate.isPending} onClick={() => { send(option); }}>{worded(option)}</Button>)}</div>
        : (
          <form className={styles.answer} onSubmit={(event) => { event.preventDefault(); send(value); }}>
            <input className={styles.input} aria-label={`Answer to ${name}`} inputMode={field.kind === "number" ? "decimal" : "text"} placeholder={hintOf(field)} value={typed} maxLength={field.kind === "text" && field.most !== null ? field.most : undefined} onChange={(event) => { setTyped(event.target.value); }} />
            <Button type="submit" disabled={value === undefined || annotate.isPending}>Answer</Button>
          </form>
        )}
      {annotate.error && <ErrorNote error={annotate.error} />}
    </div>
  );
}

const worded = (option: unknown) => (option === true ? "yes" : option === false ? "no" : typeof option === "string" ? option : JSON.stringify(option));

function hintOf(field: Field): string {
  if (field.kind === "json") return "JSON";
  if (field.kind !== "number") return "a text";
  const kind = field.isWhole ? "a whole number" : "a number";
  return field.min === null && field.max === null ? kind : field.max === null ? `${kind} from ${field.min ?? ""}` : field.min === null ? `${kind} up to ${field.max}` : `${kind} from ${field.min} to ${field.max}`;
}
