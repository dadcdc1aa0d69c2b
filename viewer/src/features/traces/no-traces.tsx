import { Button } from "@/ui/button";
import { Empty } from "@/ui/notices";

import styles from "./traces.module.css";

const codeFor = (project: string) => `import weavelite

weavelite.init("${project}")

@weavelite.op
def answer(question: str) -> str:
    return "42"

answer("What is it?")`;

export function NoTraces({ project, isFiltered, onClear }: { project: string; isFiltered: boolean; onClear: () => void }) {
  if (isFiltered) {
    return <Empty title="No trace matches"><span>Nothing in this project matches the search, the op and the status together. Calls inside a trace are found under All calls.</span><span className={styles.clear}><Button onClick={onClear}>Clear the search</Button></span></Empty>;
  }
  return <Empty title="No traces yet" code={codeFor(project)}>Decorate a function and call it. Its trace appears here while it runs; there is no need to reload.</Empty>;
}
