import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";

import { overviewQuery, scoresQuery, spendQuery } from "@/api/overview-queries";
import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { Overview, Spend, SpentByOp } from "@/api/types";
import { formatCount, formatDollars, formatPercent, formatTokens } from "@/lib/number";
import { STRETCHES, type Stretch, type UserOrder } from "@/lib/search";
import { betweenTerm, quote } from "@/lib/search-terms";
import { formatDuration, formatRange } from "@/lib/time";
import { Segments } from "@/ui/fields";
import { KindMark } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import table from "@/ui/table.module.css";
import { useKeptPlace } from "@/ui/use-kept-place";

import { LatencyPlot, ScoresPlot, SpendPlot, TracesPlot } from "./overview-plots";
import styles from "./overview.module.css";
import { Cost, OF_NEWEST, SpendTable } from "./spend-table";
import { UsersTable } from "./users-table";

const FROM = "/$entity/$project/overview";
const LABELS: Record<Stretch, string> = { "-1h": "1 hour", "-24h": "24 hours", "-7d": "7 days", "-30d": "30 days", all: "All" };

export function OverviewPage() {
  const { entity, project } = useParams({ from: FROM });
  const { since = "all", users = "traces" } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const p = { entity, project };
  const query = useQuery(overviewQuery(p, since));
  return (
    <div className={page.page}>
      <PageBar title="Overview">
        <span className="spacer" />
        {!isShared && <Segments label="Stretch of time" value={since} options={STRETCHES.map((value) => ({ value, label: LABELS[value] }))} onChange={(value) => { void navigate({ search: (old) => ({ ...old, since: value }) }); }} />}
      </PageBar>
      <Gate query={query} what="The figures">{(overview) => overview.calls === 0 ? <Nothing isAll={since === "all"} project={project} /> : <Scroller><Figures p={p} since={since} order={users} overview={overview} /></Scroller>}</Gate>
    </div>
  );
}

function Scroller({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useKeptPlace(place);
  return <div ref={place} className={page.scroll}>{children}</div>;
}

function Nothing({ isAll, project }: { isAll: boolean; project: string }) {
  if (!isAll) return <Empty title="Nothing in this stretch of time">No call started in it. Choose a longer one above.</Empty>;
  return <Empty title="Nothing to sum up yet" code={`import weavelite\n\nweavelite.init("${project}")\n\n@weavelite.op\ndef answer(question: str) -> str:\n    return "42"\n\nanswer("What is it?")`}>Once calls are traced, this page shows how many there were, how long they took, what they cost and how they were scored.</Empty>;
}

function Figures({ p, since, order, overview }: { p: ProjectId; since: Stretch; order: UserOrder; overview: Overview }) {
  const navigate = useNavigate({ from: FROM });
  const spend = useQuery(spendQuery(p, since));
  const scores = useQuery(scoresQuery(p, since));
  const spent = spend.data?.models.reduce((sum, each) => sum + each.cost, 0) ?? 0;
  const isPartial = spend.data?.models.some((each) => each.partial) ?? false;
  const toTraces = (startUs: number) => { void navigate({ to: "/$entity/$project/traces", params: p, search: { q: betweenTerm(startUs, startUs + overview.width_us) } }); };
  return (
    <div className={styles.page}>
      <section className={styles.head} aria-label="Figures">
        <dl className={styles.figures}>
          <Figure name="Traces" value={formatCount(overview.traces)} />
          <Figure name="Calls" value={formatCount(overview.calls)} />
          <Figure name="Calls with errors" value={formatPercent(overview.errors, overview.calls)} isBad={overview.errors > 0} />
          <Figure name="p50" value={formatDuration(overview.p50_us)} />
          <Figure name="p95" value={formatDuration(overview.p95_us)} />
          {overview.tokens > 0 && <Figure name="Tokens" value={formatTokens(overview.tokens)} />}
          {spent > 0 && <Figure name="Cost" value={`${isPartial ? "≥ " : ""}${formatDollars(spent)}`} />}
        </dl>
        <span className={styles.range}>{formatRange(overview.start_us, overview.end_us)}</span>
      </section>
      <div className={styles.plots}>
        <TracesPlot overview={overview} onPick={toTraces} />
        <LatencyPlot overview={overview} onPick={toTraces} />
        <SpendPlot overview={overview} spend={spend} onPick={toTraces} />
        {(scores.data?.scorers.length ?? 0) > 0 && scores.data && <ScoresPlot overview={overview} scores={scores.data} onPick={toTraces} />}
      </div>
      <div className={styles.tables}>
        <Ops p={p} overview={overview} spend={spend.data} />
        {spend.data && <SpendTable p={p} spend={spend.data} overview={overview} term={betweenTerm(overview.start_us, overview.end_us)} />}
        <UsersTable p={p} since={since} order={order} term={betweenTerm(overview.start_us, overview.end_us)} />
      </div>
    </div>
  );
}

const Figure = ({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) => <div><dt>{name}</dt><dd className={isBad ? styles.bad : ""}>{value}</dd></div>;

const OpCost = ({ spent }: { spent: SpentByOp | undefined }) => (spent ? <Cost cost={spent.cost} partial={spent.partial} /> : <span className="dim">—</span>);

function Ops({ p, overview, spend }: { p: ProjectId; overview: Overview; spend: Spend | undefined }) {
  const term = betweenTerm(overview.start_us, overview.end_us);
  const spent = new Map(spend?.ops.map((each) => [`${each.name} ${each.kind}`, each]));
  return (
    <section aria-label="Ops">
      <h2>By op</h2>
      <table className={table.table}>
        <thead><tr><th scope="col">Op</th><th scope="col" className={table.num}>Calls</th><th scope="col" className={table.num}>Errors</th><th scope="col" className={table.num} title={OF_NEWEST}>p50</th><th scope="col" className={table.num} title={OF_NEWEST}>p95</th><th scope="col" className={table.num} title="Of its own calls, without what runs inside them.">Own tokens</th><th scope="col" className={table.num} title="Of its own tokens.">Cost</th></tr></thead>
        <tbody>
          {overview.ops.map((op) => (
            <tr key={`${op.name} ${op.kind}`}>
              <td><Link className={table.name} title={op.name} to="/$entity/$project/traces" params={p} search={{ q: `op:${quote(op.name)} ${term}`, all: true }}><KindMark kind={op.kind} />{op.name}</Link></td>
              <td className={table.num}>{formatCount(op.calls)}</td>
              <td className={table.num}>{op.errors === 0 ? <span className="dim">0</span> : <Link className={styles.bad} to="/$entity/$project/traces" params={p} search={{ q: `op:${quote(op.name)} status:error ${term}`, all: true }}>{formatPercent(op.errors, op.calls)}</Link>}</td>
              <td className={table.num}>{formatDuration(op.p50_us)}</td>
              <td className={table.num}>{formatDuration(op.p95_us)}</td>
              <td className={table.num}>{op.tokens === 0 ? <span className="dim">—</span> : formatTokens(op.tokens)}</td>
              <td className={table.num}><OpCost spent={spent.get(`${op.name} ${op.kind}`)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
