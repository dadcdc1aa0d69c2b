import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";

import { isShared } from "@/api/share";
import { threadsQuery } from "@/api/thread-queries";
import type { ThreadSummary } from "@/api/types";
import type { ThreadsSearch } from "@/lib/search";
import { holdOrder } from "@/lib/thread";
import { Button } from "@/ui/button";
import { SearchBox } from "@/ui/fields";
import { Empty, Gate, MoreFailed } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";
import { useKeys } from "@/ui/use-keys";

import { ThreadsTable } from "./threads-table";

const FROM = "/$entity/$project/threads";

const EXAMPLE = `with weavelite.thread("conversation-42"):
    answer("Where is my parcel?")
    answer("And when will it be here?")`;

export function ThreadsPage() {
  const { entity, project } = useParams({ from: FROM });
  const { q = "" } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const input = useRef<HTMLInputElement>(null);
  const [change] = useState(() => (next: Partial<ThreadsSearch>) => { void navigate({ search: (before) => ({ ...before, ...next }), replace: true }); });
  const [search] = useState(() => (text: string) => { change({ q: text || undefined, thread: undefined }); });
  useKeys({ "/": () => { input.current?.focus(); input.current?.select(); } });
  return (
    <div className={page.page}>
      <PageBar title="Threads">
        {isShared ? <span className="mid small">conversations, and what was said last</span> : <SearchBox inputRef={input} label="Find words or an id" value={q} hint="/" onChange={search} />}
      </PageBar>
      <Threads key={`${entity}/${project} ${q}`} p={{ entity, project }} q={q} onChange={change} onClear={() => { search(""); }} />
    </div>
  );
}

interface Props {
  p: { entity: string; project: string };
  q: string;
  onChange: (next: Partial<ThreadsSearch>) => void;
  onClear: () => void;
}

function Threads({ p, q, onChange, onClear }: Props) {
  const { thread: selected } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const query = useInfiniteQuery(threadsQuery(p, q));
  const [isAway, setAway] = useState(false);
  const threads = useMemo(() => query.data?.pages.flatMap((each) => each.threads) ?? [], [query.data]);
  const { shown, waiting, release } = useHeldOrder(threads, isAway || selected !== undefined);
  const open = (thread: ThreadSummary) => { void navigate({ to: "/$entity/$project/threads/$threadId", params: { ...p, threadId: thread.id } }); };

  const at = shown.findIndex((each) => each.id === selected);
  const move = (step: number) => { onChange({ thread: shown[at === -1 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1)]?.id }); };
  const current = shown[at];
  useKeys({
    j: () => { move(1); }, k: () => { move(-1); }, ArrowDown: () => { move(1); }, ArrowUp: () => { move(-1); },
    Enter: current && (() => { open(current); }),
    Escape: selected === undefined ? undefined : () => { onChange({ thread: undefined }); },
  });
  return (
    <Gate query={query} what="The threads">
      {() => threads.length > 0
        ? <><ThreadsTable p={p} q={q} threads={shown} waiting={waiting} selected={selected} hasMore={query.hasNextPage && !query.isFetchNextPageError} isLoadingMore={query.isFetchingNextPage} onOpen={open} onMore={() => void query.fetchNextPage()} onAway={setAway} onRelease={release} /><MoreFailed query={query} what="Older threads" /></>
        : q !== ""
          ? <Empty title="No thread matches"><span>No thread has <q>{q}</q> in its id or in one of its calls.</span><br /><Button onClick={onClear}>Clear the search</Button></Empty>
          : <Empty title="No threads yet" code={EXAMPLE}>A thread is a conversation: calls inside of <code>weavelite.thread</code> are its turns, and are read here as one dialogue. Spans that name a conversation or a session appear here, too.</Empty>}
    </Gate>
  );
}

/** While the reader is away from the top or on a row, the order stays, so that nothing moves under the eye. */
function useHeldOrder(threads: readonly ThreadSummary[], isReading: boolean) {
  const [held, setHeld] = useState<ReadonlyMap<string, string> | null>(null);
  const order = () => new Map(threads.map((each) => [each.id, each.newest]));
  if (!isReading && held !== null) setHeld(null);
  if (isReading && held === null && threads.length > 0) setHeld(order());
  const { shown, waiting } = useMemo(() => holdOrder(threads, isReading ? held : null), [threads, held, isReading]);
  return { shown, waiting, release: () => { setHeld(order()); } };
}
