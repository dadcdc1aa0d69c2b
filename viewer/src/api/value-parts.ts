import { type Cut, cutsByPath, type Part, type ValueParts } from "@/lib/cuts";

import { get, urlOf } from "./client";
import { inProject, type ProjectId } from "./queries";
import type { CallDetail, ObjectVersion, ShownRow } from "./types";

interface Started {
  id: string;
  cuts: readonly Cut[];
  sizes: Readonly<Record<string, number>>;
}

/** How the rest of large values is read from an address. */
function partsAt(address: readonly string[], { id, cuts, sizes }: Started): ValueParts {
  const known = cutsByPath(cuts);
  const read = async (path: readonly string[], start: number, signal?: AbortSignal) => {
    const part = await get<Part>([...address, "part"], { path, start }, signal);
    known.note(part.cuts);
    return part;
  };
  return { id, sizeOf: (body) => (body === undefined ? undefined : sizes[body]), cutAt: known.at, read, hrefOf: (path) => urlOf([...address, "value"], { path }) };
}

export const callParts = (p: ProjectId, call: Started): ValueParts => partsAt(inProject(p, "calls", call.id), call);

/** Null when all of a call is here. */
export const partsOfCall = (p: ProjectId, call: CallDetail): ValueParts | null => (call.cuts.length === 0 ? null : callParts(p, call));

/** Null when all of a version is here. */
export const partsOfVersion = (p: ProjectId, { name, digest, cuts, sizes }: ObjectVersion): ValueParts | null =>
  (cuts.length === 0 ? null : partsAt(inProject(p, "objects", name, digest), { id: `${name}:${digest}`, cuts, sizes }));

const rowAt = (table: string, index: number) => ["tables", table, "rows", String(index)];

/** Null when all of a row is here. */
export const partsOfRow = (table: string, { index, cuts, size }: ShownRow): ValueParts | null =>
  (cuts.length === 0 ? null : partsAt(rowAt(table, index), { id: `${table}:${index}`, cuts, sizes: { value: size } }));
