import { isObject, textOf } from "./json";

/** The leaves of a value as text, by their path. What only names classes or versions of the same thing is left out. */
export function flatten(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) if (!key.startsWith("_")) flatten(item, path === "" ? key : `${path}.${key}`, found);
  } else if (Array.isArray(value) && value.length > 0) {
    value.forEach((item, i) => { flatten(item, `${path}[${i}]`, found); });
  } else if (value !== undefined) {
    found.set(path, textOf(value));
  }
  return found;
}
