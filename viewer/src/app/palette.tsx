import * as Radix from "@radix-ui/react-dialog";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { type ReactNode, useState } from "react";

import { evaluationsQuery } from "@/api/evaluation-queries";
import { objectsQuery, opsQuery, type ProjectId, projectsQuery } from "@/api/queries";
import { threadsQuery } from "@/api/thread-queries";
import { isShared } from "@/api/share";
import { bestNamed } from "@/lib/named";
import { formatCount } from "@/lib/number";
import { Kbd } from "@/ui/button";
import { pageCommands } from "@/ui/commands";
import { ErrorLine } from "@/ui/notices";

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
          <Command label="Go to" className={styles.palette} shouldFilter={false} loop>
            <Command.Input value={text} onValueChange={setText} placeholder="Go to a page, an op, an object, a run, an id…" className={styles.input} />
            <Command.List className={styles.list}>
              <Command.Empty className={styles.none}>Nothing has that name.</Command.Empty>
              {wanted !== "" && (
                <Command.Group heading="Find">
                  {CALL_ID.test(wanted) && <Item name={`call ${wanted}`} onSelect={go(() => void navigate({ to: "/$entity/$project/r/call/$callId", params: { ...p, callId: wanted.toLowerCase() } }))}>Open the call <code>{wanted}</code></Item>}
                  {TRACE_ID.test(wanted) && <Item name={`trace ${wanted}`} onSelect={go(() => void navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId: wanted.toLowerCase() } }))}>Open the trace <code>{wanted}</code></Item>}
                  {!isShared && <Item name={`search ${wanted}`} onSelect={go(() => void navigate({ to: "/$entity/$project/traces", params: p, search: { q: wanted } }))}>Search traces for <q>{wanted}</q></Item>}
                </Command.Group>
              )}
              <Group heading="On this page" items={pageCommands()} nameOf={({ name }) => name} wanted={wanted}>{({ name, act }) => <Item key={name} name={name} onSelect={go(act)}>{name}</Item>}</Group>
              <Group heading="Pages" items={PROJECT_PAGES.filter(([name]) => !isShared || name !== "SQL")} nameOf={([name]) => name} wanted={wanted}>
                {([name, to]) => <Item key={to} name={`page ${name}`} onSelect={go(() => void navigate({ to, params: p }))}>{name}</Item>}
              </Group>
              <Named p={p} wanted={wanted} go={go} />
              <Group heading="This viewer" items={[...THEMES, "keys" as const]} nameOf={(item) => (item === "keys" ? "keys shortcuts help" : `theme ${item}`)} wanted={wanted}>
                {(item) => item === "keys"
                  ? <Item key={item} name="keys shortcuts help" onSelect={go(onKeys)}>Keys <Kbd>?</Kbd></Item>
                  : <Item key={item} name={`theme ${item}`} onSelect={go(() => { storeTheme(item); })}>Theme: {item}</Item>}
              </Group>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Named({ p, wanted, go }: { p: ProjectId; wanted: string; go: (act: () => void) => () => void }) {
  const navigate = useNavigate();
  const [projects, ops, objects, runs] = [useQuery(projectsQuery()), useQuery(opsQuery(p)), useQuery(objectsQuery(p)), useQuery(evaluationsQuery(p))];
  const threads = useInfiniteQuery(threadsQuery(p, ""));
  const all = [projects, ops, objects, runs, threads];
  const failed = all.find((query) => query.data === undefined && query.error);
  const others = projects.data?.projects.filter((each) => each.entity !== p.entity || each.name !== p.project);
  return (
    <>
      {failed?.error && <ErrorLine what="Some names" error={failed.error} onRetry={() => { for (const query of all) if (query.error) void query.refetch(); }} />}
      <Group heading="Evaluation runs" items={runs.data?.evaluations} nameOf={(run) => `${run.name} run ${run.id}`} wanted={wanted}>{(run) => <Item key={run.id} name={`run ${run.id}`} onSelect={go(() => void navigate({ to: "/$entity/$project/evaluations/compare", params: p, search: { ids: run.id } }))}>{run.name}</Item>}</Group>
      <Group heading="Threads" items={threads.data?.pages.flatMap((page) => page.threads)} nameOf={(each) => `${each.id} thread`} wanted={wanted}>{(each) => <Item key={each.id} name={`thread ${each.id}`} onSelect={go(() => void navigate({ to: "/$entity/$project/threads/$threadId", params: { ...p, threadId: each.id } }))}>{each.id}</Item>}</Group>
      <Group heading="Objects" items={objects.data?.objects} nameOf={(each) => `${each.name} ${each.kind}`} wanted={wanted}>{(each) => <Item key={each.name} name={`object ${each.name}`} onSelect={go(() => void navigate({ to: "/$entity/$project/objects/$name", params: { ...p, name: each.name } }))}>{each.name} <em>{each.kind}</em></Item>}</Group>
      <Group heading="Ops" items={ops.data?.ops} nameOf={(op) => `${op.name} op`} wanted={wanted}>{(op) => <Item key={op.name} name={`op ${op.name}`} onSelect={go(() => void navigate({ to: "/$entity/$project/ops/$name", params: { ...p, name: op.name } }))}>{op.name} <em>{op.kind}</em></Item>}</Group>
      <Group heading="Projects" items={others} nameOf={(each) => `${each.entity}/${each.name} project`} wanted={wanted}>{(each) => <Item key={`${each.entity}/${each.name}`} name={`project ${each.entity}/${each.name}`} onSelect={go(() => void navigate({ to: "/$entity/$project/traces", params: { entity: each.entity, project: each.name } }))}>{each.entity === "local" ? each.name : `${each.entity}/${each.name}`}</Item>}</Group>
    </>
  );
}

interface GroupProps<T> {
  heading: string;
  items: readonly T[] | undefined;
  nameOf: (item: T) => string;
  wanted: string;
  children: (item: T) => ReactNode;
}

/** The best of a kind; there may be thousands. */
function Group<T>({ heading, items = [], nameOf, wanted, children }: GroupProps<T>) {
  const { found, others } = bestNamed(items, nameOf, wanted, wanted === "" ? 12 : 30);
  if (found.length === 0) return null;
  return <Command.Group heading={heading}>{found.map(children)}{others > 0 && <p className={styles.others}>and {formatCount(others)} more: type more of the name</p>}</Command.Group>;
}

interface ItemProps {
  name: string;
  onSelect: () => void;
  children: ReactNode;
}

const Item = ({ name, onSelect, children }: ItemProps) => <Command.Item value={name} onSelect={onSelect} className={styles.item}>{children}</Command.Item>;
