import type { QueryClient } from "@tanstack/react-query";
import { createHashHistory, createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { outlineQuery } from "@/api/evaluation-queries";
import { callQuery, projectsQuery, traceQuery } from "@/api/queries";
import { isShared } from "@/api/share";
import { parseCompareSearch, parseEvaluationsSearch, parseLeaderboardSearch } from "@/lib/evaluation-search";
import { parseDifferenceSearch, parseObjectSearch, parseObjectsSearch, parseOpsSearch, parseOverviewSearch, parseSqlSearch, parseThreadSearch, parseThreadsSearch, parseTraceSearch, parseTracesSearch } from "@/lib/search";
import { Empty, ErrorNote, Loading } from "@/ui/notices";
import { forgetPlaces } from "@/ui/use-kept-place";

import { Layout } from "./layout";
import { paths } from "./paths";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet });

const home = createRoute({
  getParentRoute: () => root,
  path: paths.home,
  // The server lists the project with the newest activity first.
  loader: async ({ context }) => {
    const [newest] = (await context.client.fetchQuery(projectsQuery())).projects;
    if (newest) throw redirect({ to: "/$entity/$project/traces", params: { entity: newest.entity, project: newest.name }, replace: true });
  },
  component: lazyRouteComponent(() => import("@/features/home/home-page"), "HomePage"),
});

const project = createRoute({ getParentRoute: () => root, path: paths.project, component: Layout });

const projectIndex = createRoute({
  getParentRoute: () => project,
  path: "/",
  beforeLoad: ({ params }) => { throw redirect({ to: "/$entity/$project/traces", params, replace: true }); },
});

const traces = createRoute({
  getParentRoute: () => project,
  path: paths.traces,
  validateSearch: parseTracesSearch,
  component: lazyRouteComponent(() => import("@/features/traces/traces-page"), "TracesPage"),
});

const trace = createRoute({
  getParentRoute: () => project,
  path: paths.trace,
  validateSearch: parseTraceSearch,
  // Asked for while the page's code is still on its way.
  loader: ({ context, params: { entity, project: name, traceId } }) => { void context.client.prefetchQuery(traceQuery({ entity, project: name }, traceId)); },
  component: lazyRouteComponent(() => import("@/features/trace/trace-page"), "TracePage"),
});

const threads = createRoute({
  getParentRoute: () => project,
  path: paths.threads,
  validateSearch: parseThreadsSearch,
  component: lazyRouteComponent(() => import("@/features/threads/threads-page"), "ThreadsPage"),
});

const thread = createRoute({
  getParentRoute: () => project,
  path: paths.thread,
  validateSearch: parseThreadSearch,
  component: lazyRouteComponent(() => import("@/features/threads/thread-page"), "ThreadPage"),
});

/** The link that the SDK prints when a call starts: it knows the call, not its trace. */
const callLink = createRoute({
  getParentRoute: () => project,
  path: paths.callLink,
  loader: async ({ context, params: { entity, project: name, callId } }) => {
    const call = await context.client.fetchQuery(callQuery({ entity, project: name }, callId));
    throw redirect({ to: "/$entity/$project/traces/$traceId", params: { entity, project: name, traceId: call.trace_id }, search: { call: call.id }, replace: true });
  },
});

const ops = createRoute({ getParentRoute: () => project, path: paths.ops, validateSearch: parseOpsSearch, component: lazyRouteComponent(() => import("@/features/ops/ops-page"), "OpsPage") });

const op = createRoute({
  getParentRoute: () => project,
  path: paths.op,
  validateSearch: parseObjectSearch,
  component: lazyRouteComponent(() => import("@/features/ops/op-page"), "OpPage"),
});

const objects = createRoute({ getParentRoute: () => project, path: paths.objects, validateSearch: parseObjectsSearch, component: lazyRouteComponent(() => import("@/features/objects/objects-page"), "ObjectsPage") });

const newDataset = createRoute({ getParentRoute: () => project, path: paths.newDataset, component: lazyRouteComponent(() => import("@/features/objects/new-dataset-page"), "NewDatasetPage") });

const object = createRoute({
  getParentRoute: () => project,
  path: paths.object,
  validateSearch: parseObjectSearch,
  component: lazyRouteComponent(() => import("@/features/objects/object-page"), "ObjectPage"),
});

const evaluations = createRoute({
  getParentRoute: () => project,
  path: paths.evaluations,
  validateSearch: parseEvaluationsSearch,
  component: lazyRouteComponent(() => import("@/features/evaluations/evaluations-page"), "EvaluationsPage"),
});

const compare = createRoute({
  getParentRoute: () => project,
  path: paths.compare,
  validateSearch: parseCompareSearch,
  loaderDeps: ({ search: { ids } }) => ({ ids }),
  loader: ({ context, params: { entity, project: name }, deps: { ids } }) => { if (ids !== "") void context.client.prefetchQuery(outlineQuery({ entity, project: name }, ids)); },
  component: lazyRouteComponent(() => import("@/features/compare/compare-page"), "ComparePage"),
});

const overview = createRoute({
  getParentRoute: () => project,
  path: paths.overview,
  validateSearch: parseOverviewSearch,
  component: lazyRouteComponent(() => import("@/features/overview/overview-page"), "OverviewPage"),
});

const difference = createRoute({
  getParentRoute: () => project,
  path: paths.difference,
  validateSearch: parseDifferenceSearch,
  component: lazyRouteComponent(() => import("@/features/difference/difference-page"), "DifferencePage"),
});

const sql = createRoute({
  getParentRoute: () => project,
  path: paths.sql,
  validateSearch: parseSqlSearch,
  component: lazyRouteComponent(() => import("@/features/sql/sql-page"), "SqlPage"),
});

const leaderboard = createRoute({
  getParentRoute: () => project,
  path: paths.leaderboard,
  validateSearch: parseLeaderboardSearch,
  component: lazyRouteComponent(() => import("@/features/leaderboard/leaderboard-page"), "LeaderboardPage"),
});

const tree = root.addChildren([
  home,
  project.addChildren([projectIndex, traces, difference, trace, threads, thread, callLink, ops, op, objects, newDataset, object, evaluations, compare, leaderboard, overview, sql]),
]);

export function makeRouter(client: QueryClient) {
  const router = createRouter({
    routeTree: tree,
    ...(isShared ? { history: createHashHistory() } : {}), // a file on the disk has one address
    context: { client },
    defaultPreload: "intent",
    defaultPendingMs: 250,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <ErrorNote error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />,
    defaultNotFoundComponent: () => <Empty title="There is no such page">The address may be mistyped. The list of pages leads to everything there is.</Empty>,
  });
  router.history.subscribe(({ location, action }) => { if (action.type === "PUSH") forgetPlaces(location.state.__TSR_index); });
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
