/** Every address of the viewer. Links name them by these patterns, and the router's types hold them to it. */
export const paths = {
  home: "/",
  project: "/$entity/$project",
  traces: "traces",
  trace: "traces/$traceId",
  callLink: "r/call/$callId",
  ops: "ops",
  op: "ops/$name",
  objects: "objects",
  newDataset: "new-dataset",
  object: "objects/$name",
  evaluations: "evaluations",
  overview: "overview",
  sql: "sql",
  compare: "evaluations/compare",
  leaderboard: "evaluations/leaderboard",
} as const;
