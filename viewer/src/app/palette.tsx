import * as Radix from "@radix-ui/react-dialog";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { type ReactNode, useState } from "react";

import { evaluationsQuery } from "@/api/evaluation-queries";
import { objectsQuery, opsQuery, type ProjectId, projectsQuery } from "@/api/queries";
import { threadsQuery } from "@/api/thread-queries";
import { isShared } from "@/api/share";
import { Kbd } from "@/ui/button";
import { pageCommands } from "@/ui/commands";

import styles from "./palette.module.css";
import { storeTheme, THEMES } from "./theme";

const PROJECT_PAGES = [
  ["Overview", "/$entity/$project/overview"],
  ["Traces", "/$entity/$project/traces"],
  ["Threads", "/$entity/$project/threads"],
  ["Evaluations", "/$entity/$project/evaluations"],
  ["Objects", "/$entity/$project/objects"],
  ["Ops", "/$entity/$project/ops"],
  ["SQL", "/$entity/$project/sql"],
] as const;

const CALL_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TRACE_ID = /^[0-9a-f]{32}$/i;

interface Props {
  p: ProjectId;
  onClose: () => void;
  onKeys: () => void;
}

/** Everything that has a name, and every page, from the keyboard. */
export function Palette({ p, onClose, onKeys }: Props) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const go = (act: () => void) => () => { onClose(); act(); };
  const wanted = text.trim();
  return (
    <Radix.Root open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content className={styles.dialog} aria-describedby={undefined}>
          <Radix.Title className="sr">Go to</Radix.Title>
          <Command label="Go to" className={styles.palette} loop>
            <Command.Input value={text} onValueChange={setText} placeholder="Go to a page, an op, an object, a run, an id…" className={styles.input} />
            <Command.List className={styles.list}>
              <Command.Empty className={styles.none}>Nothing has that name.</Command.Empty>
              {wanted !== "" && (
                <Command.Group heading="Find" forceMount>
                  {CALL_ID.test(wanted) && <Item name={`call ${wanted}`} always onSelect={go(() => void navigate({ to: "/$entity/$project/r/call/$callId", params: { ...p, callId: wanted.toLowerCase() } }))}>Open the call <code>{wanted}</code></Item>}
                  {TRACE_ID.test(wanted) && <Item name={`trace ${wanted}`} always onSelect={go(() => void navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId: wanted.toLowerCase() } }))}>Open the trace <code>{wanted}</code></Item>}
                  {!isShared && <Item name={`search ${wanted}`} always onSelect={go(() => void navigate({ to: "/$entity/$project/traces", params: p, search: { q: wanted } }))}>Search traces for <q>{wanted}</q></Item>}
                </Command.Group>
              )}
              <Group heading="On this page">{pageCommands().map(({ name, act }) => <Item key={name} name={name} onSelect={go(act)}>{name}</Item>)}</Group>
              <Command.Group heading="Pages">
                {PROJECT_PAGES.filter(([name]) => !isShared || name !== "SQL").map(([name, to]) => <Item key={to} name={name} onSelect={go(() => void navigate({ to, params: p }))}>{name}</Item>)}
              </Command.Group>
              <Named p={p} go={go} />
              <Command.Group heading="This viewer">
                {THEMES.map((theme) => <Item key={theme} name={`theme ${theme}`} onSelect={go(() => { storeTheme(theme); })}>Theme: {theme}</Item>)}
                <Item name="keys shortcuts help" onSelect={go(onKeys)}>Keys <Kbd>?</Kbd></Item>
              </Command.Group>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Named({ p, go }: { p: ProjectId; go: (act: () => void) => () => void }) {
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery()).data?.projects ?? [];
  const ops = useQuery(opsQuery(p)).data?.ops ?? [];
  const objects = useQuery(objectsQuery(p)).data?.objects ?? [];
  const runs = useQuery(evaluationsQuery(p)).data?.evaluations ?? [];
  const threads = useInfiniteQuery(threadsQuery(p, "")).data?.pages.flatMap((page) => page.threads) ?? [];
  const others = projects.filter((each) => each.entity !== p.entity || each.name !== p.project);
  return (
    <>
      <Group heading="Evaluation runs">{runs.slice(0, 200).map((run) => <Item key={run.id} name={`${run.name} run ${run.id}`} onSelect={go(() => void navigate({ to: "/$entity/$project/evaluations/compare", params: p, search: { ids: run.id } }))}>{run.name}</Item>)}</Group>
      <Group heading="Threads">{threads.slice(0, 100).map((each) => <Item key={each.id} name={`${each.id} thread`} onSelect={go(() => void navigate({ to: "/$entity/$project/threads/$threadId", params: { ...p, threadId: each.id } }))}>{each.id}</Item>)}</Group>
      <Group heading="Objects">{objects.map((each) => <Item key={each.name} name={`${each.name} ${each.kind}`} onSelect={go(() => void navigate({ to: "/$entity/$project/objects/$name", params: { ...p, name: each.name } }))}>{each.name} <em>{each.kind}</em></Item>)}</Group>
      <Group heading="Ops">{ops.map((op) => <Item key={op.name} name={`${op.name} op`} onSelect={go(() => void navigate({ to: "/$entity/$project/ops/$name", params: { ...p, name: op.name } }))}>{op.name} <em>{op.kind}</em></Item>)}</Group>
      <Group heading="Projects">{others.map((each) => <Item key={`${each.entity}/${each.name}`} name={`${each.entity}/${each.name} project`} onSelect={go(() => void navigate({ to: "/$entity/$project/traces", params: { entity: each.entity, project: each.name } }))}>{each.entity === "local" ? each.name : `${each.entity}/${each.name}`}</Item>)}</Group>
    </>
  );
}

const Group = ({ heading, children }: { heading: string; children: ReactNode[] }) => (children.length === 0 ? null : <Command.Group heading={heading}>{children}</Command.Group>);

interface ItemProps {
  name: string;
  onSelect: () => void;
  children: ReactNode;
  always?: boolean;
}

const Item = ({ name, onSelect, children, always = false }: ItemProps) => <Command.Item value={name} onSelect={onSelect} forceMount={always} className={styles.item}>{children}</Command.Item>;
