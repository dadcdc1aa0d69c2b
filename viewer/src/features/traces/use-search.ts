import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type ProjectId, searchQuery } from "@/api/queries";

/** The newest search that can be used, and what is wrong with the one that cannot: the last good list stays meanwhile. */
export function useSearchText(p: ProjectId, q: string) {
  const { data, error, refetch } = useQuery(searchQuery(p, q));
  const problem = q === "" ? null : data?.problem;
  const [good, setGood] = useState<string | undefined>(q === "" ? "" : undefined);
  if (problem === null && good !== q) setGood(q);
  return { good: problem === null ? q : good, problem: problem ?? undefined, unchecked: error && { error, retry: () => void refetch() } };
}
