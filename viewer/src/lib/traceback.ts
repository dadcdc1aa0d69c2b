export interface TraceFrame {
  file: string;
  line: number;
  name: string;
  code: string;
  /** Of a library, of Python itself, or of weavelite: rarely where the fault is. */
  isLibrary: boolean;
}

export type TracePart = { kind: "frame"; frame: TraceFrame } | { kind: "text"; text: string };

const FRAME = /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?$/;
const LIBRARY = /site-packages|dist-packages|[\\/]lib[\\/]python\d|^<|[\\/]weavelite[\\/]/;

/** Python's traceback in parts; every line that is no frame is kept as text. */
export function tracebackParts(traceback: string): TracePart[] {
  const parts: TracePart[] = [];
  const lines = traceback.replace(/\n$/, "").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const [, file, number, name = "<module>"] = FRAME.exec(line) ?? [];
    if (file === undefined) {
      const last = parts.at(-1);
      if (last?.kind === "text") last.text += `\n${line}`;
      else parts.push({ kind: "text", text: line });
      continue;
    }
    const code: string[] = [];
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    while (FRAME.exec(lines[at + 1] ?? "") === null && (/^\s*/.exec(lines[at + 1] ?? "")?.[0].length ?? 0) > indent) {
      at += 1;
      if (!/^[\s^~]+$/.test(lines[at] ?? "")) code.push((lines[at] ?? "").trim());
    }
    parts.push({ kind: "frame", frame: { file, line: Number(number), name, code: code.join("\n"), isLibrary: LIBRARY.test(file) } });
  }
  return parts;
}

export interface Around {
  lines: string[];
  /** Which of them was running. */
  at: number;
}

/** The lines around the one that a frame was in, if the stored code of the op has it. */
export function codeAround(code: string, frame: TraceFrame, reach = 3): Around | null {
  const lines = code.split("\n");
  const wanted = frame.code.split("\n")[0]?.trim() ?? "";
  if (wanted === "") return null;
  const starts = lines.flatMap((line, i) => (new RegExp(`^\\s*(?:async\\s+)?def\\s+${frame.name.replace(/\W/g, "")}\\b`).test(line) ? [i] : []));
  for (const start of starts) {
    const at = lines.findIndex((line, i) => i >= start && line.trim() === wanted);
    if (at < 0) continue;
    const first = Math.max(at - reach, start);
    return { lines: lines.slice(first, at + reach + 1), at: at - first };
  }
  return null;
}
