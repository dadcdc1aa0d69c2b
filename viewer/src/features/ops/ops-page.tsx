import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useRef } from "react";

import { opsQuery, type ProjectId } from "@/api/queries";
import type { OpSummary } from "@/api/types";
import { formatCount } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { KindMark } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import table from "@/ui/table.module.css";
import { useWalk } from "@/ui/use-walk";

const EXAMPLE = `@weavelite.op
def classify(text: str) -> str:
    return "billing"`;

export function OpsPage() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const query = useQuery(opsQuery({ entity, project }));
  return (
    <div className={page.page}>
      <PageBar title="Ops"><span className="mid small">functions that are traced, each version by its code</span></PageBar>
      <Gate query={query}>
        {({ ops }) => ops.length === 0
          ? <Empty title="No ops yet" code={EXAMPLE}>A function under the decorator becomes an op at its first call. Each change of its code is a new version.</Empty>
          : <OpsTable p={{ entity, project }} ops={ops} />}
      </Gate>
    </div>
  );
}

function OpsTable({ p, ops }: { p: ProjectId; ops: OpSummary[] }) {
  const place = useRef<HTMLDivElement>(null);
  useWalk(place, "tbody td:first-child a");
  return (
    <div ref={place} className={table.wrap}>
      <table className={table.table}>
        <thead><tr><th scope="col">Op</th><th scope="col">Kind</th><th scope="col" className={table.num}>Calls</th><th scope="col" className={table.num}>Versions</th><th scope="col" className={table.num}>Last call</th></tr></thead>
        <tbody>
          {ops.map((op) => (
            <tr key={op.name}>
              <td><Link className={table.name} title={op.name} to="/$entity/$project/ops/$name" params={{ ...p, name: op.name }}><KindMark kind={op.kind} />{op.name}</Link></td>
              <td className="mid">{op.kind}</td>
              <td className={table.num}>{formatCount(op.calls)}</td>
              <td className={table.num}>{op.versions === 0 ? <span className="dim" title="Its calls came without code.">—</span> : formatCount(op.versions)}</td>
              <td className={`${table.num} dim`}>{op.last_us === null ? "never" : <time title={formatFull(op.last_us)}>{formatStarted(op.last_us)}</time>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
