import type { CallDetail, CallHeader, ComparedCell, EvaluationRun, ListedCall } from "../src/api/types.ts";
import { isObject } from "../src/lib/json.ts";

export interface MockOp {
  name: string;
  kind: string;
  versions: { digest: string; version: number; created_us: number; calls: number; code: string }[];
}

export interface MockObject {
  name: string;
  kind: string;
  class_name: string;
  versions: { digest: string; version: number; created_us: number; aliases: string[]; value: unknown; table: { digest: string; rows: number } | null }[];
}

export interface MockStore {
  calls: CallDetail[];
  ops: MockOp[];
  objects: MockObject[];
  tables: Map<string, { index: number; digest: string; value: unknown }[]>;
  runs: EvaluationRun[];
  rows: Map<string, (ComparedCell | null)[]>;
  revision: number;
}

export function headerOf(call: CallDetail): CallHeader {
  const { project, parent_id, inputs, output, exception, attributes, summary, otel, feedback, reactions, scores, ...header } = call;
  void [project, parent_id, inputs, output, exception, attributes, summary, otel, feedback, reactions, scores];
  return header;
}

const preview = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value) ?? "").slice(0, 200);

export function listedOf(call: CallDetail): ListedCall {
  const output_preview = call.end_us === null || call.error !== null ? "" : preview(call.output);
  return { ...headerOf(call), input_preview: preview(isObject(call.inputs) ? Object.values(call.inputs)[0] : call.inputs), output_preview, reactions: call.reactions, scores: call.scores, values: [] };
}

export const EXAMPLES: [string, string, string, string][] = [
  ["I was charged twice!!", "billing.duplicate", "I can see two charges of 12.00 EUR on 3 March. I have refunded the second one; it arrives within 5 days.", "I can see two charges of 12.00 EUR on 3 March. The second is your annual plan, so both are correct."],
  ["How do I change the delivery address?", "order.address", "Open the order and choose Change address. It works until the parcel is packed.", "You can change it under your orders until the parcel is packed."],
  ["Refund for order 55-1021 please", "order.refund", "I have issued the refund of 38.90 EUR to your card; it arrives within 5 days.", "I have issued the refund to your card."],
  ["Your app crashes when I open a ticket", "bug.crash", "Sorry about that. Version 4.2.1 mends this crash; please update and tell me if it comes back.", "Please reinstall the app."],
  ["Wo finde ich meine Rechnung?", "billing.invoice", "Unter Konto → Rechnungen.", "You can find it under Account → Invoices."],
  ["Cancel my subscription", "account.cancel", "Your subscription ends on 31 March. Until then you can use everything.", "Your subscription has been cancelled."],
  ["Is my data deleted after I cancel?", "account.privacy", "Yes, after 30 days everything is deleted.", "Yes, after 90 days everything is deleted."],
  ["Change delivery to a parcel locker", "order.address", "The nearest locker is at Main Street 4. I have changed it.", "Sorry, this is not possible after dispatch."],
];
