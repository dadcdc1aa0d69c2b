import { isObject, type JsonObject } from "./json";

/** What a form offers for a schema: a few values to press, or a field to type into. */
export type Field =
  | { kind: "options"; options: unknown[] }
  | { kind: "number"; isWhole: boolean; min: number | null; max: number | null }
  | { kind: "text"; most: number | null }
  | { kind: "json" };

const MOST_OPTIONS = 11;

const numberOf = (value: unknown) => (typeof value === "number" ? value : null);

export function fieldOf(schema: JsonObject): Field {
  if (Array.isArray(schema["enum"])) return { kind: "options", options: schema["enum"] };
  const options = Array.isArray(schema["anyOf"]) ? schema["anyOf"].filter((each): each is JsonObject => isObject(each) && each["type"] !== "null") : [];
  if (options.length === 1 && options[0]) return fieldOf(options[0]);
  const [min, max] = [numberOf(schema["minimum"]), numberOf(schema["maximum"])];
  switch (schema["type"]) {
    case "boolean": return { kind: "options", options: [true, false] };
    case "integer":
      if (min !== null && max !== null && max - min < MOST_OPTIONS) return { kind: "options", options: Array.from({ length: max - min + 1 }, (_, i) => min + i) };
      return { kind: "number", isWhole: true, min, max };
    case "number": return { kind: "number", isWhole: false, min, max };
    case "string": return { kind: "text", most: numberOf(schema["maxLength"]) };
    default: return schema["type"] === undefined ? { kind: "text", most: null } : { kind: "json" };
  }
}

/** What was typed as the value that the field asks for; undefined when it is none. */
export function valueOf(field: Field, typed: string): unknown {
  if (field.kind === "text") return typed === "" ? undefined : typed;
  try {
    const value = JSON.parse(typed) as unknown;
    if (field.kind !== "number") return value;
    const isFit = typeof value === "number" && (!field.isWhole || Number.isInteger(value)) && value >= (field.min ?? value) && value <= (field.max ?? value);
    return isFit ? value : undefined;
  } catch {
    return undefined;
  }
}
