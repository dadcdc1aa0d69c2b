import { bodies, compare, outline } from "./make-evaluations.ts";
import { chosenValues, termsOf } from "../src/lib/search-terms.ts";
import type { CallDetail, CallHeader, PackedTrace } from "../src/api/types.ts";
import { headerOf, listedOf, type MockStore } from "./store.ts";

type Answer = [number, unknown];
const missing = (what: string): Answer => [404, { error: `There is no ${what}.`, remedy: "Check the address, or go back to the list." }];

function filtered(store: MockStore, query: URLSearchParams): CallDetail[] {
  const q = query.get("q") ?? "";
  const wants = (key: string, value: string) => { const { wanted, unwanted } = chosenValues(q, key); return (wanted.size === 0 || wanted.has(value)) && !unwanted.has(value); };
  const texts = termsOf(q).filter((term) => term.key === "").flatMap((term) => term.values).map((text) => text.toLowerCase());
  return store.calls
    .filter((call) => (query.get("trace_roots_only") !== "true" || call.parent_span_id === null)
      && wants("op", call.op_name) && wants("status", call.status) && wants("kind", call.kind)
      && texts.every((text) => JSON.stringify([call.op_name, call.inputs, call.output, call.exception]).toLowerCase().includes(text)))
    .sort((a, b) => b.start_us - a.start_us || (a.id < b.id ? 1 : -1));
}

function page(store: MockStore, query: URLSearchParams): Answer {
  const limit = Number(query.get("limit") ?? 50);
  const all = filtered(store, query);
  const before = query.get("before");
  const from = before === null ? 0 : all.findIndex((call) => call.id === before) + 1;
  const calls = all.slice(from, from + limit);
  return [200, { calls: calls.map(listedOf), next: from + limit < all.length ? calls.at(-1)?.id : null }];
}

function stats(store: MockStore, query: URLSearchParams): Answer {
  const calls = filtered(store, query);
  const times = calls.flatMap((call) => (call.end_us === null ? [] : [call.end_us - call.start_us])).sort((a, b) => a - b);
  const last = calls[0]?.start_us ?? null;
  const first = calls.at(-1)?.start_us ?? null;
  const width = first === null || last === null ? 0 : (last - first) / 60 + 1;
  const histogram = first === null ? [] : Array.from({ length: 60 }, (_, i) => {
    const inside = calls.filter((call) => Math.floor((call.start_us - first) / width) === i);
    return { start_us: Math.round(first + i * width), end_us: Math.round(first + (i + 1) * width), count: inside.length, errors: inside.filter((call) => call.status === "error").length };
  });
  const sum = calls.reduce((total, call) => total + (call.sum_tokens ?? 0), 0);
  return [200, {
    count: calls.length, errors: calls.filter((call) => call.status === "error").length,
    p50_us: times[Math.floor(times.length / 2)] ?? null, p95_us: times[Math.floor(times.length * 0.95)] ?? null,
    tokens: sum, first_us: first, last_us: last, histogram,
  }];
}

function facets(store: MockStore, query: URLSearchParams): Answer {
  const calls = filtered(store, query);
  const counted = (key: string, of: (call: CallDetail) => string | null) => {
    const counts = new Map<string, number>();
    for (const call of calls) { const value = of(call); if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1); }
    return { key, values: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count), more: 0, among: null, low: null, high: null, scored: 0 };
  };
  return [200, { facets: [counted("op", (call) => call.op_name), counted("status", (call) => call.status), counted("kind", (call) => call.kind), counted("model", (call) => call.model)] }];
}

function feedback(store: MockStore, id: string, body: string): Answer {
  const call = store.calls.find((each) => each.id === id);
  if (!call) return missing(`call ${id}`);
  const { type, value } = JSON.parse(body) as { type: string; value: string };
  const isReaction = type === "reaction";
  const added = { id: Math.random().toString(16).slice(2), call_id: id, type: isReaction ? "wandb.reaction.1" : "wandb.note.1", payload: isReaction ? { emoji: value } : { note: value }, creator: "you", created_us: Date.now() * 1_000 };
  call.feedback.push(added);
  if (isReaction) call.reactions.push(value);
  return [200, added];
}

function removeCall(store: MockStore, id: string): Answer {
  const gone = new Set(store.calls.filter((call) => call.id === id).map((call) => call.span_id));
  for (const call of store.calls) if (gone.has(call.parent_span_id ?? "")) gone.add(call.span_id);
  store.calls = store.calls.filter((call) => !gone.has(call.span_id));
  return [200, { deleted: gone.size }];
}

function removeFeedback(store: MockStore, id: string): Answer {
  for (const call of store.calls) {
    const found = call.feedback.find((each) => each.id === id);
    if (!found) continue;
    call.feedback = call.feedback.filter((each) => each !== found);
    call.reactions = call.feedback.flatMap((each) => (typeof each.payload["emoji"] === "string" ? [each.payload["emoji"]] : []));
  }
  return [200, { deleted: 1 }];
}

function write(store: MockStore, method: string, [what = "", id = ""]: string[], body: string): Answer {
  store.revision += 1;
  if (method === "POST") return feedback(store, id, body);
  return what === "calls" ? removeCall(store, id) : removeFeedback(store, id);
}

function overview(store: MockStore): Answer {
  const [, found] = stats(store, new URLSearchParams()) as [number, { count: number; errors: number; p50_us: number | null; p95_us: number | null; tokens: number; first_us: number | null; last_us: number | null; histogram: { start_us: number; end_us: number; count: number; errors: number }[] }];
  const width = found.histogram.map((bar) => bar.end_us - bar.start_us)[0] ?? 1;
  const bars = found.histogram.map((bar) => ({ start_us: bar.start_us, traces: bar.count, calls: bar.count, errors: bar.errors, tokens: 0, p50_us: found.p50_us, p95_us: found.p95_us }));
  const ops = store.ops.map((op) => ({ name: op.name, kind: op.kind, calls: store.calls.filter((call) => call.op_name === op.name).length, errors: 0, tokens: 0 }));
  const traces = store.calls.filter((call) => call.parent_span_id === null).length;
  return [200, { start_us: found.first_us ?? 0, end_us: found.last_us ?? 0, width_us: width, traces, calls: found.count, errors: found.errors, tokens: found.tokens, p50_us: found.p50_us, p95_us: found.p95_us, sampled: false, bars, ops }];
}

/** What the first calls hold below their inputs and outputs. */
function columnsOf(calls: CallDetail[]) {
  const counts = new Map<string, number>();
  for (const { inputs, output } of calls.slice(0, 100)) {
    for (const [root, body] of Object.entries({ inputs, output })) {
      const names = typeof body === "object" && body !== null && !Array.isArray(body) ? Object.keys(body).map((key) => `${root}.${key}`) : [root];
      for (const each of names) counts.set(each, (counts.get(each) ?? 0) + 1);
    }
  }
  return [...counts].map(([name, count]) => ({ name, calls: count, example: { value: null, more: false } }));
}

/** Every header as the server's columns, none of them left out. */
function packed(trace_id: string, calls: CallHeader[]): PackedTrace {
  const rows = calls.map((_, row) => row);
  const names = ["display_name", "status", "model", "input_tokens", "output_tokens", "sum_tokens", "error", "thread_id", "sum_cost", "cost_partial", "estimated"] as const;
  return {
    trace_id, first_us: 0, ops: calls.map((call) => ({ name: call.op_name, digest: call.op_digest, kind: call.kind })), id: calls.map((call) => call.id), op: rows, start: calls.map((call) => call.start_us),
    took: calls.map((call) => (call.end_us === null ? null : call.end_us - call.start_us)), parent: calls.map((call) => call.parent_span_id), span: { rows, values: calls.map((call) => call.span_id) },
    others: Object.fromEntries(names.map((name) => [name, { rows, values: calls.map((call) => call[name]) }])),
  };
}

function named(store: MockStore, query: URLSearchParams) {
  const ids = new Set((query.get("ids") ?? "").split(","));
  return store.calls.filter((call) => ids.has(call.id));
}

function read(store: MockStore, [what, name = "", version = ""]: string[], query: URLSearchParams): Answer {
  const callsOf = (op: string) => store.calls.filter((call) => call.op_name === op);
  switch (what) {
    case "revision": return [200, { revision: String(store.revision) }];
    case "calls": {
      if (name === "") return page(store, query);
      const call = store.calls.find((each) => each.id === name);
      return call ? [200, call] : missing(`call ${name}`);
    }
    case "stats": return stats(store, query);
    case "columns": return [200, { columns: columnsOf(filtered(store, query)) }];
    case "overview": return name === "" ? overview(store) : [200, { bars: [], models: [], scorers: [], users: [], more: 0 }];
    case "threads": return [200, { threads: [], next: null }];
    case "labels": return [200, { changes: [] }];
    case "uses": return [200, { calls: 0, more: false, made_by: [] }];
    case "lineage": return [200, { nodes: [], edges: [], more: 0 }];
    case "sql": return [200, { views: [], examples: [] }];
    case "search": return [200, { problem: null }];
    case "views": return [200, { views: [] }];
    case "facets": return facets(store, query);
    case "traces": {
      const calls = store.calls.filter((call) => call.trace_id === name);
      return calls.length > 0 ? [200, version === "packed" ? packed(name, calls.map(headerOf)) : { trace_id: name, calls: calls.map(headerOf) }] : missing(`trace ${name}`);
    }
    case "previews": return [200, { calls: named(store, query) }];
    case "bodies": return [200, { shared: [], calls: named(store, query).map(({ id, inputs, output }) => ({ id, inputs, output })) }];
    case "ops": return [200, { ops: store.ops.map((op) => ({ name: op.name, kind: op.kind, calls: callsOf(op.name).length, versions: op.versions.length, last_us: callsOf(op.name)[0]?.start_us ?? null })) }];
    case "op": {
      const op = store.ops.find((each) => each.name === query.get("name"));
      if (!op) return missing("op of that name");
      if (name === "") return [200, op];
      const found = op.versions.find((each) => each.digest === query.get("version"));
      return found ? [200, { name: op.name, ...found }] : missing("version of that op");
    }
    case "objects": {
      if (name === "") return [200, { objects: store.objects.map((object) => ({ ...object, versions: object.versions.length, latest: object.versions[0]?.digest, version: object.versions[0]?.version, created_us: object.versions[0]?.created_us })) }];
      const object = store.objects.find((each) => each.name === name);
      if (!object) return missing(`object ${name}`);
      if (version === "") return [200, object];
      const found = object.versions.find((each) => each.digest === version || `v${each.version}` === version || each.aliases.includes(version));
      return found ? [200, { ...object, ...found }] : missing(`version ${version} of ${name}`);
    }
    case "evaluations": {
      if (name === "") return [200, { evaluations: store.runs }];
      const list = (key: string) => (query.get(key) ?? "").split(",");
      if (name === "cells") return [200, bodies(store, list("ids"), list("rows"))];
      if (name === "scores") return [200, { runs: [] }];
      if (name === "leaderboard") return [200, { name: null, dataset: null, columns: [], rows: [], saved: [], datasets: [] }];
      const comparison = version === "outline" ? outline(store, list("ids")) : compare(store, list("ids"));
      return comparison ? [200, comparison] : missing("evaluation with one of these ids");
    }
    default: return missing(`${what ?? "page"}`);
  }
}

export function answer(store: MockStore, method: string, url: URL, body: string): Answer {
  const [, root, ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const query = url.searchParams;
  if (root === "server") return [200, { version: "0.1.0", store: "sqlite", started_us: Date.now() * 1_000 }];
  if (root === "tables") {
    const rows = store.tables.get(rest[0] ?? "") ?? [];
    const from = Number(query.get("after") ?? -1) + 1;
    const part = rows.slice(from, from + Number(query.get("limit") ?? 100));
    const next = from + part.length < rows.length ? part.at(-1)?.index : null;
    return [200, { rows: part, total: rows.length, next }];
  }
  if (rest.length === 0) {
    const traces = store.calls.filter((call) => call.parent_span_id === null);
    return [200, { projects: [
      { entity: "local", name: "support-bot", traces: traces.length, last_us: traces[0]?.start_us ?? null },
      { entity: "local", name: "empty", traces: 0, last_us: null },
    ] }];
  }
  if (rest[1] === "empty") store = { ...store, calls: [], ops: [], objects: [], runs: [] };
  return method === "GET" ? read(store, rest.slice(2), query) : write(store, method, rest.slice(2), body);
}
