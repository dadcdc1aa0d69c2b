import { useQueries } from "@tanstack/react-query";

import { callQuery, type ProjectId } from "@/api/queries";
import type { CallDetail, CallHeader } from "@/api/types";
import { isCutIn } from "@/lib/cuts";
import { isObject, parseRef } from "@/lib/json";
import { scoreParts } from "@/lib/scores";
import { JsonView } from "@/ui/json-view";
import { Score } from "@/ui/marks";
import { RefLink } from "@/ui/ref-link";

import styles from "./trace.module.css";

/** The op under which an evaluation runs the model on one row and scores it. */
export const isRowOfEvaluation = (call: CallHeader) => call.op_name === "Evaluation.predict_and_score";

interface Props {
  p: ProjectId;
  call: CallDetail;
  below: readonly CallHeader[];
}

/** One row of an evaluation at a glance: what it is, what the model said, how that was scored. */
export function RowView({ p, call, below }: Props) {
  // The row itself is stored as a reference; the model and the first scorer were given its fields.
  const given = useQueries({ queries: below.slice(0, 2).map((each) => callQuery(p, each.id)) });
  const fields = Object.assign({}, ...given.map((query) => fieldsOf(query.data?.inputs))) as Record<string, unknown>;
  const isCut = given.some((query) => query.data !== undefined && isCutIn(query.data.cuts, ["inputs"]));
  const { output, scores } = isObject(call.output) ? call.output : {};
  const example = isObject(call.inputs) && typeof call.inputs["example"] === "string" ? parseRef(call.inputs["example"]) : null;
  const parts = scoreParts(scores);
  return (
    <div className={styles.evaluated}>
      <section><JsonView title="Row" value={fields} />{isCut && <p className="dim small">What is large is shown in part: the calls below have all of it.</p>}{example !== null && <p className={styles.rowRef}><RefLink target={example} /></p>}</section>
      <section>{call.output === null ? <><h3>Output</h3><p className="dim">none</p></> : <JsonView title="Output" value={output} path={["output", "output"]} />}</section>
      {parts.length > 0 && <section><h3>Scores</h3><p>{parts.map(([name, value]) => <Score key={name} name={name} value={value} />)}</p></section>}
    </div>
  );
}

function fieldsOf(inputs: unknown): Record<string, unknown> {
  if (!isObject(inputs)) return {};
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "self" && name !== "output" && name !== "model_output"));
}
