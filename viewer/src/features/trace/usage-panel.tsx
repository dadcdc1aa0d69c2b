import type { ModelUsage } from "@/api/types";
import { formatCount, formatDollars, plural } from "@/lib/number";

import styles from "./trace.module.css";

/** Tokens in buckets that add up, a table for each model, with what they cost where a price is known. */
export function UsagePanel({ usage }: { usage: readonly ModelUsage[] }) {
  return <>{usage.map((used) => <ModelTable key={used.model} used={used} />)}</>;
}

function ModelTable({ used }: { used: ModelUsage }) {
  const buckets = Object.keys({ ...used.tokens, ...used.costs });
  const total = Object.values(used.tokens).reduce((sum, count) => sum + count, 0);
  const mark = used.estimated ? "~" : "";
  return (
    <table className={styles.usage}>
      <caption>{used.model === "" ? "Unknown model" : used.model} <span>{about(used)}</span></caption>
      <thead><tr><th scope="col">Bucket</th><th scope="col">Tokens</th>{used.cost !== null && <th scope="col">Cost</th>}</tr></thead>
      <tbody>
        {buckets.map((bucket) => (
          <tr key={bucket}>
            <th scope="row">{bucket.replaceAll("_", " ")}</th>
            <td>{used.tokens[bucket] === undefined ? "" : `${mark}${formatCount(used.tokens[bucket])}`}</td>
            {used.cost !== null && <td>{used.costs[bucket] === undefined ? "" : `${mark}${formatDollars(used.costs[bucket])}`}</td>}
          </tr>
        ))}
      </tbody>
      <tfoot><tr><th scope="row">Total</th><td>{`${mark}${formatCount(total)}`}</td>{used.cost !== null && <td>{`${used.cost_partial ? "≥ " : ""}${mark}${formatDollars(used.cost)}`}</td>}</tr></tfoot>
    </table>
  );
}

function about(used: ModelUsage): string {
  const price = used.cost === null ? "no price known" : used.price === null ? "" : `your price, since ${used.price.effective_us === 0 ? "always" : new Date(used.price.effective_us / 1_000).toISOString().slice(0, 10)}`;
  const facts = [used.provider ?? "", used.requests > 1 ? plural(used.requests, "request") : "", used.estimated ? "tokens are an estimate" : "", price];
  return facts.filter((fact) => fact !== "").join(" · ");
}
