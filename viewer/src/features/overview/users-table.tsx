import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { usersQuery } from "@/api/overview-queries";
import type { ProjectId } from "@/api/queries";
import type { UserFigures, Users } from "@/api/types";
import { formatCount, formatPercent, formatTokens, plural } from "@/lib/number";
import type { Stretch, UserOrder } from "@/lib/search";
import { quote } from "@/lib/search-terms";
import { formatDuration, formatFull, formatStarted } from "@/lib/time";
import { Gate } from "@/ui/notices";
import table from "@/ui/table.module.css";

import styles from "./overview.module.css";
import { Cost } from "./spend-table";

interface Props {
  p: ProjectId;
  since: Stretch;
  order: UserOrder;
  term: string;
}

/** How the traces of those users went who have most of something; a name leads to them. */
export function UsersTable({ p, since, order, term }: Props) {
  const query = useQuery(usersQuery(p, since, order));
  return (
    <section aria-label="Users">
      <h2>By user</h2>
      <Gate query={query} what="The users">{(found) => (found.users.length === 0 ? <Nobody /> : <UserRows p={p} since={since} order={order} term={term} found={found} />)}</Gate>
    </section>
  );
}

const Nobody = () => <p className={styles.note}>No call of this stretch names a user. Name one around your code: <code>{'with weavelite.attributes({"user_id": "ada"}):'}</code></p>;

function UserRows({ p, since, order, term, found }: Props & { found: Users }) {
  const head = (by: UserOrder, label: string, title?: string) => (
    <th scope="col" className={table.num} aria-sort={order === by ? "descending" : undefined} title={title}>
      <Link to="/$entity/$project/overview" params={p} search={{ since, users: by }} replace resetScroll={false}>{label}{order === by ? " ↓" : ""}</Link>
    </th>
  );
  return (
    <>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">User</th>
            {head("traces", "Traces")}
            {head("errors", "With errors")}
            {head("latency", "Mean latency")}
            <th scope="col" className={table.num} title="Of the newest 200 traces.">p50</th>
            <th scope="col" className={table.num} title="Of the newest 200 traces.">p95</th>
            {head("tokens", "Tokens")}
            {head("cost", "Cost")}
            <th scope="col" className={table.num}>Last seen</th>
          </tr>
        </thead>
        <tbody>{found.users.map((each) => <UserRow key={each.user} p={p} term={term} each={each} />)}</tbody>
      </table>
      {found.more > 0 && <p className={styles.note}>{plural(found.more, "user")} more, with less of what the table is sorted by.</p>}
    </>
  );
}

function UserRow({ p, term, each }: { p: ProjectId; term: string; each: UserFigures }) {
  const q = `user:${quote(each.user)} ${term}`;
  return (
    <tr>
      <td><Link className={table.name} title={each.user} to="/$entity/$project/traces" params={p} search={each.traces > 0 ? { q } : { q, all: true }}>{each.user}</Link></td>
      <td className={table.num} title={plural(each.calls, "call")}>{formatCount(each.traces)}</td>
      <td className={table.num}>{each.errors === 0 ? <span className="dim">0</span> : <Link className={styles.bad} to="/$entity/$project/traces" params={p} search={{ q: `${q} status:error` }}>{formatCount(each.errors)} · {formatPercent(each.errors, each.traces)}</Link>}</td>
      <td className={table.num}>{formatDuration(each.mean_us)}</td>
      <td className={table.num}>{formatDuration(each.p50_us)}</td>
      <td className={table.num}>{formatDuration(each.p95_us)}</td>
      <td className={table.num}>{each.tokens === 0 ? <span className="dim">—</span> : formatTokens(each.tokens)}</td>
      <td className={table.num}>{each.tokens === 0 ? <span className="dim">—</span> : <Cost cost={each.cost} partial={each.partial} />}</td>
      <td className={table.num}>{each.last_us !== null && <time title={formatFull(each.last_us)}>{formatStarted(each.last_us)}</time>}</td>
    </tr>
  );
}
