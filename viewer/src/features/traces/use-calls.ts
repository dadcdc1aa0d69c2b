import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";

import { type CallFilter, callsQuery, type ProjectId, readCalls, revisionQuery } from "@/api/queries";
import type { CallHeader, CallPage } from "@/api/types";
import { mergeNewest, needsMore } from "@/lib/live-rows";

/** Where more came than these pages hold, the list begins anew: a gap would be a lie. */
const MOST_PAGES = 10;
const isRunning = (call: CallHeader) => call.status === "running";

type Pages = InfiniteData<CallPage>;

/** The newest pages, until they meet what is known; then the cache with them merged in. */
async function readNewest(p: ProjectId, filter: CallFilter, known: Pages, signal: AbortSignal): Promise<Pages> {
  const all = known.pages.flatMap((page) => page.calls);
  let page = await readCalls(p, filter, null, signal);
  const fresh = [...page.calls];
  for (let read = 1; page.next !== null && needsMore(all, fresh, isRunning); read += 1) {
    if (read === MOST_PAGES) break;
    page = await readCalls(p, filter, page.next, signal);
    fresh.push(...page.calls);
  }
  const meets = !needsMore(all, fresh, () => false);
  if (!meets || page.next === null) return { pages: [{ calls: fresh, next: page.next }], pageParams: [null] };
  const last = known.pages.at(-1);
  const isFurther = last === undefined || last.calls.length === 0 || fresh.length >= all.length;
  return { pages: [{ calls: mergeNewest(all, fresh, false), next: isFurther ? page.next : last.next }], pageParams: [null] };
}

export function useCalls(p: ProjectId, filter: CallFilter) {
  const client = useQueryClient();
  const options = useMemo(() => callsQuery(p, filter), [p, filter]);
  const query = useInfiniteQuery(options);
  const revision = useQuery(revisionQuery(p)).data?.revision;
  const key = JSON.stringify(options.queryKey);
  const merged = useRef<{ key: string; revision: string | undefined }>({ key: "", revision: undefined });
  const isIdle = query.isSuccess && !query.isFetching;

  useEffect(() => {
    const isKnown = merged.current.key === key && merged.current.revision === revision;
    if (!isIdle || revision === undefined || isKnown) return;
    const abort = new AbortController();
    const known = client.getQueryData(options.queryKey);
    if (known === undefined) return;
    readNewest(p, filter, known, abort.signal).then(
      (pages) => {
        // A page that was loaded meanwhile would be overwritten: the next change brings the newest again.
        if (abort.signal.aborted || client.getQueryData(options.queryKey) !== known) return;
        merged.current = { key, revision };
        client.setQueryData(options.queryKey, pages);
      },
      () => undefined,
    );
    return () => { abort.abort(); };
  }, [client, filter, isIdle, key, options, p, revision]);

  const calls = useMemo(() => query.data?.pages.flatMap((page) => page.calls), [query.data]);
  return { ...query, calls };
}
