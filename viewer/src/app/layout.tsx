import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";

import { ApiError } from "@/api/client";
import { projectsQuery } from "@/api/queries";
import { isShared, shareInfo } from "@/api/share";
import { formatTokens, plural } from "@/lib/number";
import { formatFull, formatStarted } from "@/lib/time";
import { Kbd } from "@/ui/button";
import { Select } from "@/ui/fields";
import { Brand } from "@/ui/marks";
import { type CallsToAdd, ToDataset } from "@/ui/to-dataset";
import { useKeys } from "@/ui/use-keys";
import { useMedia } from "@/ui/use-media";

import { KeySheet } from "./key-sheet";
import styles from "./layout.module.css";
import { ObjectPages } from "./object-pages";
import { ThemeToggle } from "./theme-toggle";
import { useLive } from "./use-live";

const readPalette = () => import("./palette");
const AddDialog = lazy(() => import("@/features/adding/add-dialog").then((room) => ({ default: room.AddDialog })));
const Palette = lazy(() => readPalette().then((room) => ({ default: room.Palette })));
const PALETTE_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

/** The one key that works while something is typed, too. */
function usePaletteKey(toggle: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener("keydown", onKey);
    void readPalette(); // what is typed right after the key would be lost while it loads
    return () => { window.removeEventListener("keydown", onKey); };
  }, [toggle]);
}

export function Layout() {
  const { entity, project } = useParams({ from: "/$entity/$project" });
  const { trouble } = useLive({ entity, project });
  const [isSheetOpen, setSheetOpen] = useState(false);
  const [toAdd, setToAdd] = useState<CallsToAdd | null>(null);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [togglePalette] = useState(() => () => { setPaletteOpen((isOpen) => !isOpen); });
  usePaletteKey(togglePalette);
  useKeys({ "?": () => { setSheetOpen(true); } });
  return (
    <div className={styles.app}>
      <nav className={styles.nav} aria-label="Pages">
        <Link to="/$entity/$project/traces" params={{ entity, project }} className={styles.brand} aria-label="weavelite"><Brand /><span>weavelite</span></Link>
        <ProjectSwitcher entity={entity} project={project} />
        <button type="button" className={styles.goto} onClick={togglePalette}>Go to… <Kbd>{PALETTE_KEY}</Kbd></button>
        <Pages entity={entity} project={project} />
        {isShared && <SharedNote />}
        <div className={styles.foot}>
          <ThemeToggle />
          <button type="button" className={styles.keys} onClick={() => { setSheetOpen(true); }} aria-label="Keys"><Kbd>?</Kbd></button>
        </div>
      </nav>
      <main className={styles.main}>
        {trouble && <Trouble error={trouble} />}
        <div className={styles.page}><ToDataset value={isShared ? null : setToAdd}><Outlet /></ToDataset></div>
      </main>
      {isPaletteOpen && <Suspense><Palette p={{ entity, project }} onClose={() => { setPaletteOpen(false); }} onKeys={() => { setSheetOpen(true); }} /></Suspense>}
      {toAdd !== null && <Suspense><AddDialog p={{ entity, project }} calls={toAdd} onClose={() => { setToAdd(null); }} /></Suspense>}
      <KeySheet isOpen={isSheetOpen} onClose={() => { setSheetOpen(false); }} />
    </div>
  );
}

/** Why what is on the page may be old: nobody answers, or somebody does, with an error. */
function Trouble({ error }: { error: Error }) {
  const status = error instanceof ApiError ? error.status : 0;
  return (
    <p className={styles.down} role="alert">
      {status === 0
        ? <>The weavelite server does not answer. What you see may be old; start it again with <code>weavelite ui</code>.</>
        : <>The weavelite server answers with an error, status {status}: <q>{error.message}</q> What you see may be old; this page asks again by itself. The terminal in which <code>weavelite ui</code> runs has the cause.</>}
    </p>
  );
}

/** Says that this is a copy, and of what. */
function SharedNote() {
  const share = shareInfo();
  if (share === null) return null;
  return (
    <p className={styles.shared}>
      <b>A shared copy</b> of {plural(share.traces, "trace")}{share.filter !== "" && <> that match <code>{share.filter}</code></>}, made <time title={formatFull(share.made_us)}>{formatStarted(share.made_us)}</time> with weavelite {share.version}.
    </p>
  );
}

function ProjectSwitcher({ entity, project }: { entity: string; project: string }) {
  const navigate = useNavigate();
  const { data } = useQuery({ ...projectsQuery(), refetchInterval: 10_000 });
  const current = `${entity}/${project}`;
  const known = data?.projects.map((each) => `${each.entity}/${each.name}`) ?? [];
  const options = (known.includes(current) ? known : [current, ...known]).map((value) => ({ value, label: value.replace(/^local\//, "") }));
  const go = (chosen: string) => {
    const [toEntity = entity, toProject = project] = chosen.split("/");
    void navigate({ to: "/$entity/$project/traces", params: { entity: toEntity, project: toProject } });
  };
  return <Select label="Project" value={current} options={options} onChange={go} className={styles.project} />;
}

function Pages({ entity, project }: { entity: string; project: string }) {
  const { data } = useQuery(projectsQuery());
  const traces = data?.projects.find((each) => each.entity === entity && each.name === project)?.traces;
  const params = { entity, project };
  const list = useRef<HTMLUListElement>(null);
  const pathname = useLocation({ select: (location) => location.pathname });
  const isRow = useMedia("(max-width: 820px)"); // on a phone the pages are a row that scrolls; elsewhere a look at places would hold up the first page
  useEffect(() => { if (isRow) list.current?.querySelector("[data-status=active]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); }, [isRow, pathname]);
  return (
    <ul ref={list} className={styles.pages}>
      <li><Link to="/$entity/$project/overview" params={params}>Overview</Link></li>
      <li><Link to="/$entity/$project/traces" params={params}>Traces<span>{traces === undefined ? "" : formatTokens(traces)}</span></Link></li>
      <li><Link to="/$entity/$project/threads" params={params}>Threads</Link></li>
      <li><Link to="/$entity/$project/evaluations" params={params}>Evaluations</Link></li>
      <ObjectPages entity={entity} project={project} />
      {!isShared && <li><Link to="/$entity/$project/sql" params={params}>SQL</Link></li>}
    </ul>
  );
}
