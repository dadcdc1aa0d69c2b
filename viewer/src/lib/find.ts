/** A text in pieces, with what was looked for marked. */
export function markedParts(text: string, wanted: string): { text: string; isFound: boolean }[] {
  const needle = wanted.trim().toLowerCase();
  const lower = text.toLowerCase();
  if (needle === "" || lower.length !== text.length) return [{ text, isFound: false }];
  const parts: { text: string; isFound: boolean }[] = [];
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), isFound: false });
    parts.push({ text: text.slice(at, at + needle.length), isFound: true });
    from = at + needle.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isFound: false });
  return parts;
}

interface Named {
  display_name: string | null;
  op_name: string;
  status: string;
  error: string | null;
  model: string | null;
  kind: string;
}

/** Whether a call is named, went, or ran on a model as somebody typed. */
export function isCallFound(call: Named, wanted: string): boolean {
  const needle = wanted.trim().toLowerCase();
  return [call.display_name, call.op_name, call.status, call.error, call.model, call.kind].some((text) => text?.toLowerCase().includes(needle) ?? false);
}
