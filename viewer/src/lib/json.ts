export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value, null, 2);

export interface Ref {
  entity: string;
  project: string;
  kind: "object" | "op" | "call";
  name: string;
  digest: string;
  /** The digest of the row, when the reference is to one row of a dataset. */
  row: string | null;
}

const REF = /^weave:\/\/\/([^/]+)\/([^/]+)\/(object|op)\/([^/:]+):([^/]+)(?:\/attr\/rows\/id\/([^/]+))?$/;
const REF_INSIDE = /weave:\/\/\/[^/\s"]+\/[^/\s"]+\/(?:object|op)\/([^/:\s"]+)(?::[\w*-]*)?[^\s",\]}]*/g;

/** A preview with the names of what it refers to instead of the references. */
export const withoutRefs = (text: string): string => text.replace(REF_INSIDE, (_, name: string) => decodeName(name));

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const CALL = /^weave:\/\/\/([^/]+)\/([^/]+)\/call\/([0-9a-f-]{32,36})$/;

/** Of a reference to a call, `name` is the id of the call. */
export function parseRef(text: string): Ref | null {
  const call = CALL.exec(text);
  if (call?.[1] && call[2] && call[3]) return { entity: call[1], project: call[2], kind: "call", name: call[3], digest: "", row: null };
  const [, entity, project, kind, name, digest, row] = REF.exec(text) ?? [];
  if (!entity || !project || !name || !digest) return null;
  return { entity, project, kind: kind === "op" ? "op" : "object", name: decodeName(name), digest, row: row ?? null };
}

export interface FieldChange {
  path: string;
  before: unknown;
  after: unknown;
}

/** The fields that differ, by path. A field that is only on one side has `undefined` on the other. */
export function fieldChanges(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (Object.is(before, after)) return [];
  const both = [before, after];
  if (both.every(isObject) || both.every(Array.isArray)) {
    const [left, right] = [before as JsonObject, after as JsonObject];
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].flatMap((key) =>
      fieldChanges(left[key], right[key], Array.isArray(before) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`));
  }
  return [{ path, before, after }];
}
