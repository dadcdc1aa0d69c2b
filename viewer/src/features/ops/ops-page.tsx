import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { opsQuery, type ProjectId } from "@/api/queries";
import type { OpSummary } from "@/api/types";
import { formatCount, plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { Button } from "@/ui/button";
import { SearchBox } from "@/ui/fields";
import { KindMark } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import table from "@/ui/table.module.css";
import { ROW, useGrowing } from "@/ui/use-growing";
import { useKeptPlace } from "@/ui/use-kept-place";
import { useKeys } from "@/ui/use-keys";
import { useWalk } from "@/ui/use-walk";

const FROM = "/$entity/$project/ops";

const EXAMPLE = `@weavelite.op
def classify(text: str) -> str:
    return "billing"`;

export function OpsPage() {
  const { entity, project } = useParams({ from: FROM });
  const { q = "" } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const box = useRef<HTMLInputElement>(null);
  const [filter] = useState(() => (text: string) => { void navigate({ search: text === "" ? {} : { q: text }, replace: true }); });
  useKeys({ "/": () => { box.current?.focus(); } });
  const query = useQuery(opsQuery({ entity, project }));
  return (
    <div className={page.page}>
      <PageBar title="Ops"><span className="mid small">functions that are traced, each version by its code</span><span className="spacer" /><SearchBox inputRef={box} hint="/" label="Filter by name or kind" value={q} onChange={filter} /></PageBar>
      <Gate query={query} what="The ops">
        {({ ops }) => ops.length === 0
          ? <Empty title="No ops yet" code={EXAMPLE}>A function under the decorator becomes an op at its first call. Each change of its code is a new version.</Empty>
          : <OpsTable key={q} q={q} p={{ entity, project }} ops={ops.filter((op) => `${op.name} ${op.kind}`.toLowerCase().includes(q.toLowerCase()))} onAll={() => { filter(""); }} />}
      </Gate>
    </div>
  );
}

function OpsTable({ p, q, ops, onAll }: { p: ProjectId; q: string; ops: OpSummary[]; onAll: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const { top } = useKeptPlace(place, q);
  const { shown, left, end } = useGrowing(ops, Math.ceil(top / ROW));
  useWalk(place, "tbody td:first-child a");
  if (ops.length === 0) return <Empty title="No op fits"><Button onClick={onAll}>Show all</Button></Empty>;
  return (
    <div ref={place} className={table.wrap}>
      <table className={table.table}>
        <thead><tr><th scope="col">Op</th><th scope="col">Kind</th><th scope="col" className={table.num}>Calls</th><th scope="col" className={table.num}>Versions</th><th scope="col" className={table.num}>Last call</th></tr></thead>
        <tbody>
          {shown.map((op) => (
            <tr key={op.name}>
              <td><Link className={table.name} title={op.name} to="/$entity/$project/ops/$name" params={{ ...p, name: op.name }}><KindMark kind={op.kind} />{op.name}</Link></td>
              <td className="mid">{op.kind}</td>
              <td className={table.num}>{formatCount(op.calls)}</td>
              <td className={table.num}>{op.versions === 0 ? <span className="dim" title="Its calls came without code.">—</span> : formatCount(op.versions)}</td>
              <td className={`${table.num} dim`}>{op.last_us === null ? "never" : <time title={formatFull(op.last_us)}>{formatStarted(op.last_us)}</time>}</td>
            </tr>
          ))}
          {left > 0 && <tr ref={end}><td colSpan={5} className="dim">and {plural(left, "other")}</td></tr>}
        </tbody>
      </table>
    </div>
  );
}
