import { Link } from "@tanstack/react-router";

import type { ProjectId } from "@/api/queries";
import type { Overview, Spend } from "@/api/types";
import { formatCount, formatDollars, formatTokens } from "@/lib/number";
import { formatDuration } from "@/lib/time";
import { quote } from "@/lib/search-terms";
import table from "@/ui/table.module.css";

import styles from "./overview.module.css";

/** A cost of which a part is not known is at least so much. */
export function Cost({ cost, partial }: { cost: number; partial: boolean }) {
  if (partial && cost === 0) return <span className="dim" title="No price is known. Give one: client.add_cost(...)">no price</span>;
  return <>{partial ? "≥ " : ""}{formatDollars(cost)}</>;
}

/** Says of which calls p50 and p95 are. */
export const OF_NEWEST = "Of the newest 200 calls.";

/** What each model used and cost, how long it took, and how often it failed; where some prices are not known, the cost is at least so much. */
export function SpendTable({ p, spend, overview, term }: { p: ProjectId; spend: Spend; overview: Overview; term: string }) {
  const figures = new Map(overview.models.map((each) => [each.model, each]));
  const silent = overview.models.filter(({ model }) => !spend.models.some((each) => each.model === model));
  const models = [...spend.models, ...silent.map(({ model }) => ({ model, requests: 0, tokens: 0, cost: 0, partial: false }))];
  if (models.length === 0) return null;
  return (
    <section aria-label="Models">
      <h2>By model</h2>
      <table className={table.table}>
        <thead><tr><th scope="col">Model</th><th scope="col" className={table.num}>Requests</th><th scope="col" className={table.num}>Errors</th><th scope="col" className={table.num} title={OF_NEWEST}>p50</th><th scope="col" className={table.num} title={OF_NEWEST}>p95</th><th scope="col" className={table.num}>Tokens</th><th scope="col" className={table.num}>Cost</th></tr></thead>
        <tbody>
          {models.map((each) => (
            <tr key={each.model}>
              <td>{each.model === "" ? <span className="dim">model not said</span> : <Link className={table.name} title={each.model} to="/$entity/$project/traces" params={p} search={{ q: `model:${quote(each.model)} ${term}`, all: true }}>{each.model}</Link>}</td>
              <td className={table.num}>{formatCount(each.requests)}</td>
              <td className={table.num}>{figures.get(each.model)?.errors ? <Link className={styles.bad} to="/$entity/$project/traces" params={p} search={{ q: `model:${quote(each.model)} status:error ${term}`, all: true }}>{formatCount(figures.get(each.model)?.errors ?? 0)}</Link> : <span className="dim">0</span>}</td>
              <td className={table.num}>{formatDuration(figures.get(each.model)?.p50_us ?? null)}</td>
              <td className={table.num}>{formatDuration(figures.get(each.model)?.p95_us ?? null)}</td>
              <td className={table.num}>{formatTokens(each.tokens)}</td>
              <td className={table.num}><Cost cost={each.cost} partial={each.partial} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
