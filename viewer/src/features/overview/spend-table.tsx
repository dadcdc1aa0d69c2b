import { Link } from "@tanstack/react-router";

import type { ProjectId } from "@/api/queries";
import type { Spend } from "@/api/types";
import { formatCount, formatDollars, formatTokens } from "@/lib/number";
import { quote } from "@/lib/search-terms";
import table from "@/ui/table.module.css";

/** A cost of which a part is not known is at least so much. */
export function Cost({ cost, partial }: { cost: number; partial: boolean }) {
  if (partial && cost === 0) return <span className="dim" title="No price is known. Give one: client.add_cost(...)">no price</span>;
  return <>{partial ? "≥ " : ""}{formatDollars(cost)}</>;
}

/** What each model used and cost; where some prices are not known, the cost is at least so much. */
export function SpendTable({ p, spend, term }: { p: ProjectId; spend: Spend; term: string }) {
  if (spend.models.length === 0) return null;
  return (
    <section aria-label="Models">
      <h2>By model</h2>
      <table className={table.table}>
        <thead><tr><th scope="col">Model</th><th scope="col" className={table.num}>Requests</th><th scope="col" className={table.num}>Tokens</th><th scope="col" className={table.num}>Cost</th></tr></thead>
        <tbody>
          {spend.models.map((each) => (
            <tr key={each.model}>
              <td>{each.model === "" ? <span className="dim">model not said</span> : <Link className={table.name} title={each.model} to="/$entity/$project/traces" params={p} search={{ q: `model:${quote(each.model)} ${term}`, all: true }}>{each.model}</Link>}</td>
              <td className={table.num}>{formatCount(each.requests)}</td>
              <td className={table.num}>{formatTokens(each.tokens)}</td>
              <td className={table.num}><Cost cost={each.cost} partial={each.partial} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
