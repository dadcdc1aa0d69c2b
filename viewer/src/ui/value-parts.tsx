import { useInfiniteQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";

import type { Cut, ValueParts } from "@/lib/cuts";

import styles from "./json-view.module.css";

const Parts = createContext<ValueParts | null>(null);

export const ValuePartsOf = Parts.Provider;
export const useValueParts = () => useContext(Parts);

/** What has come of a value beside its start, and how to get more. */
export interface Rest {
  total: number;
  text: string;
  entries: readonly [string, unknown][];
  load: () => void;
  isBusy: boolean;
  error: Error | null;
  href: string;
}

interface Props {
  parts: ValueParts;
  path: readonly string[];
  cut: Cut;
  children: (rest: Rest) => ReactNode;
}

/** Reads the rest of a value a part at a time, when it is asked for. */
export function WithRest({ parts, path, cut, children }: Props) {
  const query = useInfiniteQuery({
    queryKey: ["part", parts.id, ...path],
    queryFn: ({ pageParam, signal }) => parts.read(path, pageParam, signal),
    initialPageParam: cut.next,
    getNextPageParam: (part) => part.next,
    enabled: false,
    staleTime: Infinity,
  });
  const pages = query.data?.pages ?? [];
  return children({
    total: cut.total,
    text: pages.map((part) => part.text).join(""),
    entries: pages.flatMap((part) => part.items.map(({ name, value }): [string, unknown] => [name, value])),
    load: () => { if (!query.isFetching) void query.fetchNextPage(); },
    isBusy: query.isFetching, error: query.error, href: parts.hrefOf(path),
  });
}

/** What stands beside the button that shows more. */
export function RestNote({ rest }: { rest: Rest }) {
  return (
    <>
      {" "}<a className={styles.more} href={rest.href} download>Download all of it</a>
      {rest.isBusy && <span className="dim"> loading…</span>}
      {rest.error && !rest.isBusy && <span className={styles.failed} role="alert"> {rest.error.message}</span>}
    </>
  );
}
