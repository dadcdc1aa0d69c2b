import type { Cut } from "./cuts";
import { isObject } from "./json";

export interface Body {
  id: string;
  inputs: unknown;
  output: unknown;
  /** Where they are cut. */
  cuts?: readonly Cut[];
}

/** Bodies as they were before the server put what several of them hold into `shared`. Where something is cut nothing is the same object twice: what looks alike may go on differently. */
export function expandBodies(answer: { shared: readonly unknown[]; calls: readonly Body[] }): Body[] {
  return answer.calls.map((call) => {
    const own = (item: unknown) => (call.cuts?.length ? copied(item) : item);
    const expand = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map((item: unknown) => (isObject(item) && typeof item["~shared"] === "number" ? own(answer.shared[item["~shared"]]) : expand(item)));
      return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item)])) : value;
    };
    return { ...call, inputs: expand(call.inputs), output: expand(call.output) };
  });
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)])) : value;
}
