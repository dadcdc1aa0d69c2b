import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { sqlQuery, sqlViewsQuery } from "@/api/queries";
import type { SqlViews } from "@/api/types";
import { Button, Kbd } from "@/ui/button";
import { ErrorNote, Gate, Loading } from "@/ui/notices";
import { PageBar } from "@/ui/page-bar";
import page from "@/ui/page.module.css";

import { SqlResults } from "./sql-results";
import styles from "./sql.module.css";

// A shared page has no server to ask, and is the smaller without an editor.
const readEditor = () => (import.meta.env.MODE === "share" ? Promise.reject(new Error("not shared")) : import("./sql-editor"));
const SqlEditor = lazy(() => readEditor().then((room) => ({ default: room.SqlEditor })));
const FROM = "/$entity/$project/sql";
const RUN_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘↵" : "Ctrl ↵";

export function SqlPage() {
  const { entity, project } = useParams({ from: FROM });
  const query = useQuery(sqlViewsQuery({ entity, project }));
  return (
    <div className={page.page}>
      <PageBar title="SQL"><span className="mid small">read-only; <code>:project</code> is this project</span></PageBar>
      <Gate query={query} what="The views">{(views) => <Workbench key={`${entity}/${project}`} entity={entity} project={project} views={views} />}</Gate>
    </div>
  );
}

function Workbench({ entity, project, views }: { entity: string; project: string; views: SqlViews }) {
  const { query: asked } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const [draft, setDraft] = useState(asked ?? views.examples[0] ?? "");
  const [seen, setSeen] = useState(asked);
  if (asked !== seen) { // back and forward bring a query with them
    setSeen(asked);
    if (asked !== undefined) setDraft(asked);
  }
  const result = useQuery(sqlQuery({ entity, project }, asked));
  const run = (query: string) => {
    setDraft(query);
    if (query === asked) void result.refetch();
    else void navigate({ search: { query } });
  };
  return (
    <div className={styles.bench}>
      <aside className={styles.views} aria-label="Views"><Views views={views} onPick={run} /></aside>
      <div className={styles.work}>
        <Suspense fallback={<Loading lines={3} />}><SqlEditor value={draft} views={views.views} onChange={setDraft} onRun={run} /></Suspense>
        <div className={styles.bar}>
          <Button look="primary" disabled={draft.trim() === "" || result.isFetching} onClick={() => { run(draft); }}>{result.isFetching ? "Running…" : "Run"} <Kbd>{RUN_KEY}</Kbd></Button>
          {asked !== undefined && draft !== asked && <span className="dim small">What is shown is of the query before your changes.</span>}
        </div>
        {result.error !== null ? <ErrorNote error={result.error} /> : result.data !== undefined ? <SqlResults result={result.data} /> : asked === undefined ? <p className={`${styles.hint} mid`}>Run this query, or choose an example. Names of views and columns complete as you type.</p> : <Loading />}
      </div>
    </div>
  );
}

const ofProject = (columns: readonly string[]) => (columns.includes("project") ? "project = :project" : "seq in (select seq from calls_v1 where project = :project)");

function Views({ views, onPick }: { views: SqlViews; onPick: (query: string) => void }) {
  return (
    <>
      <h2>Examples</h2>
      <ul className={styles.examples}>{views.examples.map((example) => <li key={example}><button type="button" onClick={() => { onPick(example); }}>{example}</button></li>)}</ul>
      <h2>Views</h2>
      {views.views.map((view) => (
        <details key={view.name}>
          <summary><code>{view.name}</code></summary>
          <p className="dim small">{view.meaning}</p>
          <ul className={styles.columns}>{view.columns.map((column) => <li key={column}><code>{column}</code></li>)}</ul>
          <Button look="quiet" onClick={() => { onPick(`select * from ${view.name} where ${ofProject(view.columns)} limit 50`); }}>Show 50 rows</Button>
        </details>
      ))}
    </>
  );
}
