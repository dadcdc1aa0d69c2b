import type { components } from "./generated";

type Schemas = components["schemas"];

export type CallHeader = Schemas["CallHeader"];
export type CallDetail = Schemas["CallDetail"];
export type CallPage = Schemas["CallPage"];
export type Stats = Schemas["Stats"];
export type Feedback = Schemas["Feedback"];
export type Trace = Schemas["Trace"];
export type Project = Schemas["Project"];
export type OpSummary = Schemas["OpSummary"];
export type OpVersions = Schemas["OpVersions"];
export type OpVersion = Schemas["OpVersion"];
export type ObjectSummary = Schemas["ObjectSummary"];
export type ObjectVersions = Schemas["ObjectVersions"];
export type ObjectVersion = Schemas["ObjectVersion"];
export type TableRows = Schemas["TableRows"];
export type EvaluationRun = Schemas["EvaluationRun"];
export type Metric = Schemas["Metric"];
export type Comparison = Schemas["Comparison"];
export type ComparedRow = Schemas["ComparedRow"];
export type ComparedCell = Schemas["ComparedCell"];
export type ComparedMetric = Schemas["ComparedMetric"];
export type ProjectList = Schemas["ProjectList"];
export type Revision = Schemas["Revision"];
export type ServerInfo = Schemas["ServerInfo"];
export type Problem = Schemas["Problem"];
