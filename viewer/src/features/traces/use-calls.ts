import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";

import { type CallList, callsQuery, type ListedRow, type ProjectId, readCalls, revisionQuery, type RowPage } from "@/api/queries";
import { mergeNewest, needsMore } from "@/lib/live-rows";

/** Where more came than these pages hold, the list begins anew: a gap would be a lie. */
const MOST_PAGES = 10;
const isRunning = (call: ListedRow) => call.status === "running";

type Pages = InfiniteData<RowPage>;

/** The newest pages, until they meet what is known; then the cache with them merged in. */
async function readNewest(p: ProjectId, filter: CallList, known: Pages): Promise<Pages> {
  const all = known.pages.flatMap((page) => page.calls);
  let page = await readCalls(p, filter, null);
  const fresh = [...page.calls];
  for (let read = 1; page.next !== null && needsMore(all, fresh, isRunning); read += 1) {
    if (read === MOST_PAGES) break;
    page = await readCalls(p, filter, page.next);
    fresh.push(...page.calls);
  }
  const meets = !needsMore(all, fresh, () => false);
  if (!meets || page.next === null) return { pages: [{ calls: fresh, next: page.next }], pageParams: [null] };
  const last = known.pages.at(-1);
  const isFurther = last === undefined || last.calls.length === 0 || fresh.length >= all.length;
  return { pages: [{ calls: mergeNewest(all, fresh, false), next: isFurther ? page.next : last.next }], pageParams: [null] };
}

export function useCalls(p: ProjectId, filter: CallList) {
  const client = useQueryClient();
  const options = useMemo(() => callsQuery(p, filter), [p, filter]);
  const query = useInfiniteQuery(options);
  const { data: latest, dataUpdatedAt: askedAt } = useQuery(revisionQuery(p));
  const revision = latest?.revision;
  const key = JSON.stringify(options.queryKey);
  const merged = useRef<{ key: string; revision: string | undefined }>({ key: "", revision: undefined });
  const isReading = useRef(false);
  const isIdle = query.isSuccess && !query.isFetching;

  // Looked at with each answer about the revision, not only with a new one: while a slow read goes on, changes wait.
  useEffect(() => {
    const isKnown = merged.current.key === key && merged.current.revision === revision;
    const known = client.getQueryData(options.queryKey);
    // In another order new rows have no place that could be known: it is read again when it is asked for.
    if (filter.sort !== undefined || !isIdle || revision === undefined || isKnown || isReading.current || known === undefined) return;
    isReading.current = true;
    readNewest(p, filter, known)
      .then((pages) => {
        // A page that was loaded meanwhile would be overwritten; the next round has it.
        if (client.getQueryData(options.queryKey) !== known) return;
        merged.current = { key, revision };
        client.setQueryData(options.queryKey, pages);
      })
      .catch(() => undefined)
      .finally(() => { isReading.current = false; });
  }, [askedAt, client, filter, isIdle, key, options, p, revision]);

  const calls = useMemo(() => query.data?.pages.flatMap((page) => page.calls), [query.data]);
  return { ...query, calls };
}
