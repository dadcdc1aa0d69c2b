import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { opVersionQuery, type ProjectId } from "@/api/queries";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { Version } from "@/ui/marks";
import { Gate } from "@/ui/notices";

import styles from "./trace.module.css";

export function CallCode({ p, name, digest }: { p: ProjectId; name: string; digest: string }) {
  const query = useQuery(opVersionQuery(p, name, digest));
  return (
    <Gate query={query}>
      {(op) => op.code === null
        ? <p className="dim">The code of this op was not captured. Ops from OpenTelemetry and built-in functions have none.</p>
        : (
          <>
            <div className={styles.codeHead}>
              <span className="mid small">The code that ran:</span>
              <Link className={styles.link} to="/$entity/$project/ops/$name" params={{ ...p, name }} search={{ version: digest }}>{name}</Link>
              <Version>v{op.version}</Version>
              <span className="spacer" />
              <CopyButton text={op.code} />
            </div>
            <CodeBlock code={op.code} />
          </>
        )}
    </Gate>
  );
}
