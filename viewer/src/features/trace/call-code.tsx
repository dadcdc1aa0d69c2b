import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { opQuery, opVersionQuery, type ProjectId } from "@/api/queries";
import type { OpVersion } from "@/api/types";
import { Segments } from "@/ui/fields";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { DiffText } from "@/ui/diff-text";
import { Version } from "@/ui/marks";
import { Gate } from "@/ui/notices";

import styles from "./trace.module.css";

export function CallCode({ p, name, digest }: { p: ProjectId; name: string; digest: string }) {
  const query = useQuery(opVersionQuery(p, name, digest));
  return (
    <Gate query={query} what="The code">
      {(op) => op.code === null
        ? <p className="dim">The code of this op was not captured. Ops from OpenTelemetry and built-in functions have none.</p>
        : <Code p={p} op={op} code={op.code} digest={digest} />}
    </Gate>
  );
}

/** The code that ran, or what had changed in it since the version before. */
function Code({ p, op, code, digest }: { p: ProjectId; op: OpVersion; code: string; digest: string }) {
  const [look, setLook] = useState<"code" | "changes">("code");
  const { data } = useQuery(opQuery(p, op.name));
  const earlier = data?.versions.filter((each) => each.version < op.version).sort((a, b) => b.version - a.version)[0];
  return (
    <>
      <div className={styles.codeHead}>
        <Link className={styles.link} to="/$entity/$project/ops/$name" params={{ ...p, name: op.name }} search={{ version: digest }}>{op.name}</Link>
        <Version>v{op.version}</Version>
        <span className="spacer" />
        {earlier && <Segments label="Code" value={look} options={[{ value: "code", label: "Code that ran" }, { value: "changes", label: `Changes since v${earlier.version}` }]} onChange={setLook} />}
        <CopyButton text={code} />
      </div>
      {earlier && look === "changes" ? <Changes p={p} name={op.name} earlier={earlier.digest} code={code} /> : <CodeBlock code={code} />}
    </>
  );
}

function Changes({ p, name, earlier, code }: { p: ProjectId; name: string; earlier: string; code: string }) {
  const query = useQuery(opVersionQuery(p, name, earlier));
  return <Gate query={query} what="The code of the version before">{(before) => <pre className={styles.changes}><DiffText before={before.code ?? ""} after={code} side="both" /></pre>}</Gate>;
}
