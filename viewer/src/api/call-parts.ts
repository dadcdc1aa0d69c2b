import { cutsByPath, type Part, type ValueParts } from "@/lib/cuts";

import { get, urlOf } from "./client";
import { inProject, type ProjectId } from "./queries";
import type { CallDetail } from "./types";

/** How the rest of a call's large values is read; null when all of it is here. */
export function partsOfCall(p: ProjectId, call: CallDetail): ValueParts | null {
  if (call.cuts.length === 0) return null;
  const cuts = cutsByPath(call.cuts);
  const of = (...rest: string[]) => inProject(p, "calls", call.id, ...rest);
  const read = async (path: readonly string[], start: number, signal?: AbortSignal) => {
    const part = await get<Part>(of("part"), { path, start }, signal);
    cuts.note(part.cuts);
    return part;
  };
  return { id: call.id, sizeOf: (body) => (body === undefined ? undefined : call.sizes[body]), cutAt: cuts.at, read, hrefOf: (path) => urlOf(of("value"), { path }) };
}
