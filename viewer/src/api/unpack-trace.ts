import type { CallHeader, PackedTrace, Trace } from "./types";

/** The span id of a call whose id weavelite chose is the end of it. */
const ownSpan = (id: string) => id.slice(19, 23) + id.slice(24);

/** Headers of calls from the columns in which a trace travels. */
export function unpackTrace(packed: PackedTrace): Trace {
  const spans = packed.id.map(ownSpan);
  packed.span.rows.forEach((row, i) => { spans[row] = String(packed.span.values[i]); });
  const calls = packed.id.map((id, row): CallHeader => {
    const op = packed.ops[packed.op[row] ?? 0];
    const [start_us, took, parent] = [packed.first_us + (packed.start[row] ?? 0), packed.took[row], packed.parent[row]];
    return {
      id, trace_id: packed.trace_id, span_id: spans[row] ?? "", parent_span_id: typeof parent === "number" ? (spans[parent] ?? null) : (parent ?? null),
      op_name: op?.name ?? "", op_digest: op?.digest ?? null, kind: op?.kind ?? "op", start_us, end_us: took == null ? null : start_us + took, display_name: null, status: "success", model: null, input_tokens: null, output_tokens: null,
      sum_tokens: null, error: null, thread_id: null, sum_cost: null, cost_partial: false, estimated: false,
    };
  });
  for (const [name, { rows, values }] of Object.entries(packed.others)) {
    rows.forEach((row, i) => {
      const call: Record<string, unknown> | undefined = calls[row];
      if (call !== undefined) call[name] = values[i];
    });
  }
  return { trace_id: packed.trace_id, calls };
}
