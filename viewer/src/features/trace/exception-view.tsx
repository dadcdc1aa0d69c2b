import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { opVersionQuery, type ProjectId } from "@/api/queries";
import type { CallDetail } from "@/api/types";
import { plural } from "@/lib/number";
import { codeAround, type TraceFrame, type TracePart, tracebackParts } from "@/lib/traceback";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";

import styles from "./exception-view.module.css";

/** What was raised first, then the way to it, with the code around each step where it is stored. */
export function ExceptionView({ p, call, exception }: { p: ProjectId; call: CallDetail; exception: string }) {
  const { data } = useQuery({ ...opVersionQuery(p, call.op_name, call.op_digest ?? ""), enabled: call.op_digest !== null });
  const groups = useMemo(() => grouped(tracebackParts(exception)), [exception]);
  return (
    <div className={styles.exception}>
      <header><b>{call.error ?? exception.trim().split("\n").at(-1)}</b><CopyButton text={exception} label="Copy the traceback" /></header>
      {groups.map((group, i) => {
        if (group.kind === "text") return <pre key={i} className={styles.text}>{group.text}</pre>;
        if (group.kind === "frame") return <FrameView key={i} frame={group.frame} code={data?.code ?? ""} />;
        return <details key={i} className={styles.libraries}><summary>{plural(group.frames.length, "frame")} of libraries</summary>{group.frames.map((frame, n) => <FrameView key={n} frame={frame} code="" />)}</details>;
      })}
    </div>
  );
}

type Group = TracePart | { kind: "libraries"; frames: TraceFrame[] };

function grouped(parts: readonly TracePart[]): Group[] {
  const groups: Group[] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (part.kind !== "frame" || !part.frame.isLibrary) groups.push(part);
    else if (last?.kind === "libraries") last.frames.push(part.frame);
    else groups.push({ kind: "libraries", frames: [part.frame] });
  }
  return groups;
}

function FrameView({ frame, code }: { frame: TraceFrame; code: string }) {
  const around = codeAround(code, frame);
  return (
    <section className={styles.frame} aria-label={`Frame ${frame.name}`}>
      <h3><b>{frame.name}</b> <span title={frame.file}>{frame.file.split(/[\\/]/).slice(-2).join("/")}:{frame.line}</span></h3>
      {around === null
        ? frame.code !== "" && <CodeBlock code={frame.code} />
        : <div className={styles.around}>{around.lines.map((line, i) => <div key={i} data-here={i === around.at}><i>{frame.line - around.at + i}</i><CodeBlock code={line === "" ? " " : line} /></div>)}</div>}
    </section>
  );
}
