import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Fragment } from "react";

import { wholeCallQuery, differenceQuery, type ProjectId } from "@/api/queries";
import type { CallDetail, TraceComparison } from "@/api/types";
import { textOf } from "@/lib/json";
import { formatCost, formatCount, formatSumTokens, plural } from "@/lib/number";
import { durationOf, formatDuration, formatStarted } from "@/lib/time";
import { Button } from "@/ui/button";
import { DiffText } from "@/ui/diff-text";
import { LongText } from "@/ui/long-text";
import { KindMark, StatusDot } from "@/ui/marks";
import { Empty, Gate } from "@/ui/notices";
import { cardClass, crumbClass, PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import styles from "./difference.module.css";

const FROM = "/$entity/$project/traces/difference";

/** Two calls side by side: where their traces part, and what differs in the two themselves. */
export function DifferencePage() {
  const p = useParams({ from: FROM });
  const { before, after } = useSearch({ from: FROM });
  const navigate = useNavigate();
  useKeys({ Escape: () => { void navigate({ to: "/$entity/$project/traces", params: p }); } });
  return (
    <div className={page.page}>
      <PageBar crumb={<Link className={crumbClass} to="/$entity/$project/traces" params={p}>Traces /</Link>} title="Difference">
        <span className="spacer" />
        {before !== undefined && after !== undefined && <Button onClick={() => { void navigate({ to: FROM, params: p, search: { before: after, after: before } }); }}>Exchange</Button>}
      </PageBar>
      <div className={page.scroll}>
        {before === undefined || after === undefined
          ? <Empty title="Two calls are needed">Mark two rows in the list of traces with <b>x</b>, and press Compare.</Empty>
          : <Two p={p} before={before} after={after} />}
      </div>
    </div>
  );
}

function Two({ p, before, after }: { p: ProjectId; before: string; after: string }) {
  const left = useQuery(wholeCallQuery(p, before));
  const right = useQuery(wholeCallQuery(p, after));
  const found = useQuery(differenceQuery(p, before, after));
  return (
    <Gate query={left} what="The first call">{(one) => <Gate query={right} what="The second call">{(other) => (
      <div className={styles.page}>
        <Gate query={found} what="The difference">{(difference) => <First p={p} difference={difference} one={one} other={other} />}</Gate>
        <div className={styles.heads}><Head p={p} call={one} /><Head p={p} call={other} /></div>
        <Texts title="Input" before={textOf(one.inputs)} after={textOf(other.inputs)} />
        <Texts title="Output" before={textOf(one.output ?? "")} after={textOf(other.output ?? "")} />
        {(one.exception !== null || other.exception !== null) && <Texts title="Exception" before={one.exception ?? ""} after={other.exception ?? ""} />}
      </div>
    )}</Gate>}</Gate>
  );
}

const SAID: Record<string, string> = { op: "another op runs", inputs: "the inputs differ", output: "the output differs", error: "the error differs", order: "it comes in another order", calls: "only one of the two has it" };

function First({ p, difference, one, other }: { p: ProjectId; difference: TraceComparison; one: CallDetail; other: CallDetail }) {
  const { first, same, before, after } = difference;
  if (first === null) return <p className={`${cardClass} ${styles.first}`}><b>The traces are the same</b> {plural(same, "call")} with equal inputs, outputs and errors.</p>;
  return (
    <div className={`${cardClass} ${styles.first}`}>
      <p><b>The traces part at</b> <code>{first.path.map((name, i) => <Fragment key={i}>{i > 0 && " › "}<bdi>{name}</bdi></Fragment>)}</code>: {SAID[first.what] ?? first.what}.</p>
      <p className="mid small">
        {formatCount(same)} of {formatCount(before)} and {formatCount(after)} calls are the same.{" "}
        {first.before_id !== null && <Link to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: one.trace_id }} search={{ call: first.before_id }}>Open it in the first</Link>}{" "}
        {first.after_id !== null && <Link to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: other.trace_id }} search={{ call: first.after_id }}>Open it in the second</Link>}
      </p>
    </div>
  );
}

function Head({ p, call }: { p: ProjectId; call: CallDetail }) {
  const facts = [formatDuration(durationOf(call)), call.sum_tokens === null ? "" : `Σ ${formatSumTokens(call)} tokens`, formatCost(call), call.model ?? "", formatStarted(call.start_us)];
  return (
    <header className={styles.head}>
      <h2><KindMark kind={call.kind} /><Link to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: call.trace_id }} search={{ call: call.id }}><bdi>{call.display_name ?? call.op_name}</bdi></Link>{call.status !== "success" && <StatusDot status={call.status} />}</h2>
      <p className="mid small">{facts.filter((fact) => fact !== "" && fact !== "—").join(" · ")}</p>
    </header>
  );
}

function Texts({ title, before, after }: { title: string; before: string; after: string }) {
  return (
    <section aria-label={title}>
      <h3>{title}{before === after && <span className="dim"> the same in both</span>}</h3>
      {before === after ? <pre className={styles.text}><LongText text={before} fold={20_000} /></pre> : <div className={styles.two}><pre className={styles.text}><DiffText before={before} after={after} side="before" /></pre><pre className={styles.text}><DiffText before={before} after={after} side="after" /></pre></div>}
    </section>
  );
}
