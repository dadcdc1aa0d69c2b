import type { components } from "./generated";

type Schemas = components["schemas"];

/** The document calls a field with a default optional; in an answer it is always there, at any depth. */
type Filled<T> = T extends (infer Item)[] ? Filled<Item>[] : T extends object ? { [K in keyof T]-?: Filled<T[K]> } : T;
type Sent<Name extends keyof Schemas> = Filled<Schemas[Name]>;

export type CallHeader = Sent<"CallHeader">;
export type ListedCall = Sent<"ListedCall">;
export type CallDetail = Sent<"CallDetail">;
export type ModelUsage = Sent<"ModelUsage">;
export type CallPage = Sent<"CallPage">;
export type Stats = Sent<"Stats">;
export type Facet = Sent<"Facet">;
export type SavedView = Sent<"SavedView">;
export type SearchCheck = Sent<"SearchCheck">;
export type Feedback = Sent<"Feedback">;
export type Trace = Sent<"Trace">;
export type Bodies = Sent<"Bodies">;
export type PackedTrace = Sent<"PackedTrace">;
export type Previews = Sent<"Previews">;
export type OpSummary = Sent<"OpSummary">;
export type OpVersions = Sent<"OpVersions">;
export type OpVersion = Sent<"OpVersion">;
export type ObjectSummary = Sent<"ObjectSummary">;
export type ObjectVersions = Sent<"ObjectVersions">;
export type ObjectVersion = Sent<"ObjectDetail">;
export type TableRows = Sent<"TablePage">;
export type EvaluationRun = Sent<"EvaluationRun">;
export type Metric = Sent<"Metric">;
export type Comparison = Sent<"Comparison">;
export type ComparedRow = Sent<"ComparedRow">;
export type ComparedCell = Sent<"ComparedCell">;
export type ComparedMetric = Sent<"ComparedMetric">;
export type Decision = Sent<"Decision">;
export type Remark = Sent<"Remark">;
export type ProjectList = Sent<"Projects">;
export type Revision = Sent<"Revision">;
export type ServerInfo = Sent<"ServerInfo">;
export type SqlViews = Sent<"SqlViews">;
export type SqlResult = Sent<"SqlResult">;
export type Problem = Sent<"Problem">;
