import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { get } from "./client";
import { inProject, keyOf, type ProjectId } from "./queries";
import type { Overview, Scores, Spend, Users } from "./types";

/** These sum up everything: what comes in meanwhile is shown when the reader comes back, or after a while. */
const SUMMED = { staleTime: 30_000, placeholderData: keepPreviousData };

export const overviewQuery = (p: ProjectId, since: string) =>
  queryOptions({ queryKey: keyOf(p, "overview", since), queryFn: ({ signal }) => get<Overview>(inProject(p, "overview"), { since }, signal), ...SUMMED, refetchInterval: 10_000 });

export const spendQuery = (p: ProjectId, since: string) =>
  queryOptions({ queryKey: keyOf(p, "overview", "spend", since), queryFn: ({ signal }) => get<Spend>(inProject(p, "overview", "spend"), { since }, signal), ...SUMMED });

export const usersQuery = (p: ProjectId, since: string, order: string) =>
  queryOptions({ queryKey: keyOf(p, "overview", "users", since, order), queryFn: ({ signal }) => get<Users>(inProject(p, "overview", "users"), { since, order }, signal), ...SUMMED });

export const scoresQuery = (p: ProjectId, since: string) =>
  queryOptions({ queryKey: keyOf(p, "overview", "scores", since), queryFn: ({ signal }) => get<Scores>(inProject(p, "overview", "scores"), { since }, signal), ...SUMMED });
