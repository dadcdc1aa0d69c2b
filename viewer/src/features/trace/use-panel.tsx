import { useQuery } from "@tanstack/react-query";

import { type ProjectId, projectsQuery, serverQuery } from "@/api/queries";
import type { CallDetail } from "@/api/types";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { Gate } from "@/ui/notices";

import styles from "./use-panel.module.css";

/** How to go on with a call outside of the viewer. */
export function UsePanel({ p, call }: { p: ProjectId; call: CallDetail }) {
  const query = useQuery(serverQuery());
  return <Gate query={query} what="The place of the store">{(server) => <Snippets p={p} call={call} store={isUsual(server.store) ? "" : server.store} />}</Gate>;
}

function Snippets({ p, call, store }: { p: ProjectId; call: CallDetail; store: string }) {
  const { data: listed } = useQuery(projectsQuery());
  const project = p.entity === "local" ? p.project : `${p.entity}/${p.project}`;
  const isAlone = listed?.projects.length === 1;
  const options = `${isAlone ? "" : ` --project ${quoted(project)}`}${store === "" ? "" : ` --store ${quoted(store)}`}`;
  const fetched = [
    "import weavelite", "",
    `client = weavelite.init(${JSON.stringify(project)}${store === "" ? "" : `, store=${JSON.stringify(store)}`})`,
    `call = client.get_call("${call.id}")`, "print(call.inputs, call.output)",
  ].join("\n");
  const commented = `${fetched.split("\n").slice(0, 4).join("\n")}\ncall.feedback.add_note("worth a second look")`;
  const snippets: [string, string, string][] = [
    ["Read it in Python", fetched, ""],
    ["Give it feedback in Python", commented, ""],
    ["Show it in the terminal", `weavelite show ${call.id}${options}`, ""],
    ...(call.op_digest === null ? [] : [["Run it again with your code", `weavelite replay ${call.id} app.py${options}`, "In place of app.py name the file that defines the op. The new call stands beside this one, with the differences of the answers."] as [string, string, string]]),
  ];
  return (
    <div className={styles.use}>
      {snippets.map(([title, code, remark]) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <div className={styles.snippet}><CodeBlock code={code} /><CopyButton text={code} /></div>
          {remark !== "" && <p className="dim small">{remark}</p>}
        </section>
      ))}
    </div>
  );
}

/** The store in which weavelite looks when nothing else is said. */
const isUsual = (path: string) => /[\\/]\.weavelite[\\/]weavelite\.db$/.test(path);

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
