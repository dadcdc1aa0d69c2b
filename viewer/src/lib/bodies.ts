import { isObject } from "./json";

export interface Body {
  id: string;
  inputs: unknown;
  output: unknown;
}

/** Bodies as they were before the server put what several of them hold into `shared`. */
export function expandBodies(answer: { shared: readonly unknown[]; calls: readonly Body[] }): Body[] {
  const expand = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown) => (isObject(item) && typeof item["~shared"] === "number" ? answer.shared[item["~shared"]] : expand(item)));
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item)])) : value;
  };
  return answer.calls.map((call) => ({ id: call.id, inputs: expand(call.inputs), output: expand(call.output) }));
}
