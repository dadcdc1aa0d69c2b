import { isObject } from "./json";

const VARIABLE = /(?<!\{)\{([A-Za-z_]\w*)\}(?!\})/g;

/** The names that a prompt leaves open, each once, in their order; doubled braces are braces. */
export function variablesOf(value: unknown): string[] {
  const names = new Set<string>();
  const look = (each: unknown) => {
    if (typeof each === "string") for (const [, name] of each.matchAll(VARIABLE)) if (name !== undefined) names.add(name);
    if (Array.isArray(each)) each.forEach(look);
    else if (isObject(each)) Object.values(each).forEach(look);
  };
  look(value);
  return [...names];
}
