import { useQuery } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";

import { partsOfCall } from "@/api/value-parts";
import { callQuery, type ProjectId } from "@/api/queries";
import type { CallDetail } from "@/api/types";
import { extractMessages } from "@/lib/messages";
import { formatCost, formatSumTokens } from "@/lib/number";
import { durationOf, formatDuration, formatStarted } from "@/lib/time";
import { Button, Kbd } from "@/ui/button";
import { HeldMessages } from "@/ui/held-messages";
import { JsonView } from "@/ui/json-view";
import { KindMark, Reaction, Score, StatusDot } from "@/ui/marks";
import { Gate } from "@/ui/notices";
import { type Tab, Tabs } from "@/ui/tabs";
import { ValuePartsOf } from "@/ui/value-parts";

import styles from "./traces.module.css";

const PAUSE_MS = 250;

/** Who stays at a call may open its trace next: it is read ahead. */
function useReadAhead(p: ProjectId, traceId: string) {
  const router = useRouter();
  useEffect(() => {
    const later = setTimeout(() => { void router.preloadRoute({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId } }); }, PAUSE_MS);
    return () => { clearTimeout(later); };
  }, [router, p, traceId]);
}

/** One call beside the list, for reading through many of them. */
export function Peek({ p, id, onClose }: { p: ProjectId; id: string; onClose: () => void }) {
  const query = useQuery(callQuery(p, id));
  const [tab, setTab] = useState<string | undefined>();
  return (
    <aside className={styles.peek} aria-label="Selected call">
      <Gate query={query} what="This call" head={<header className={styles.peekHead}><div><span className="spacer" /><Button look="quiet" onClick={onClose} aria-label="Close">×</Button></div></header>}>{(call) => <><PeekHead p={p} call={call} onClose={onClose} /><PeekTabs p={p} call={call} tab={tab} onTab={setTab} /></>}</Gate>
    </aside>
  );
}

function PeekTabs({ p, call, tab, onTab }: { p: ProjectId; call: CallDetail; tab: string | undefined; onTab: (tab: string) => void }) {
  const parts = useMemo(() => partsOfCall(p, call), [p, call]);
  return <ValuePartsOf value={parts}><Tabs tabs={tabsOf(call)} active={tab} onChange={onTab} panelClass={styles.panel} /></ValuePartsOf>;
}

function PeekHead({ p, call, onClose }: { p: ProjectId; call: CallDetail; onClose: () => void }) {
  useReadAhead(p, call.trace_id);
  const facts = [formatDuration(durationOf(call)), call.sum_tokens === null ? "" : `Σ ${formatSumTokens(call)} tokens`, formatCost(call), call.model ?? "", formatStarted(call.start_us)].filter((fact) => fact !== "" && fact !== "—");
  return (
    <header className={styles.peekHead}>
      <div>
        <KindMark kind={call.kind} />
        <h2>{call.display_name ?? call.op_name}</h2>
        {call.status !== "success" && <StatusDot status={call.status} />}
        <span className="spacer" />
        <Kbd>j</Kbd><Kbd>k</Kbd>
        <Link className={styles.openLink} to="/$entity/$project/traces/$traceId" params={{ ...p, traceId: call.trace_id }} search={call.parent_span_id === null ? {} : { call: call.id }}>Open <Kbd>↵</Kbd></Link>
        <Button look="quiet" onClick={onClose} aria-label="Close">×</Button>
      </div>
      <p className="mid small">{facts.join(" · ")}{call.thread_id !== null && <> · <Link className={styles.thread} to="/$entity/$project/threads/$threadId" params={{ ...p, threadId: call.thread_id }} search={{ turn: call.turn_id ?? call.id }}>thread {call.thread_id}</Link></>}</p>
      {(call.reactions.length > 0 || Object.keys(call.scores).length > 0) && (
        <p className={styles.peekScores}>
          {call.reactions.map((emoji, i) => <Reaction key={i} emoji={emoji} />)}
          {Object.entries(call.scores).map(([name, value]) => <Score key={name} name={name} value={value} />)}
        </p>
      )}
    </header>
  );
}

function tabsOf(call: CallDetail): Tab[] {
  const messages = extractMessages(call.inputs, call.output);
  return [
    ...(call.exception === null ? [] : [{ id: "exception", label: "Exception", content: () => <pre className={styles.exception}>{call.exception}</pre> }]),
    ...(messages === null ? [] : [{ id: "messages", label: "Messages", content: () => <HeldMessages call={call} /> }]),
    { id: "both", label: "Input and output", content: () => <div className={styles.both}><JsonView title="Input" value={call.inputs} path={["inputs"]} />{call.end_us === null ? <p className="dim">Still running: no output yet.</p> : <JsonView title="Output" value={call.output} path={["output"]} />}</div> },
  ];
}
