import { Button } from "@/ui/button";
import { Empty } from "@/ui/notices";

import styles from "./traces.module.css";

const codeFor = (project: string) => `import weavelite

weavelite.init("${project}")

@weavelite.op
def answer(question: str) -> str:
    return "42"

answer("What is it?")`;

interface Props {
  project: string;
  isFiltered: boolean;
  isAll: boolean;
  onClear: () => void;
  onAll: () => void;
}

export function NoTraces({ project, isFiltered, isAll, onClear, onAll }: Props) {
  if (isFiltered) {
    return (
      <Empty title={isAll ? "No call matches" : "No trace matches"}>
        <span>{isAll ? "No call of this project matches all terms of the search." : "No trace of this project matches all terms of the search by its first call. Models, tokens of one request and tools are found among all calls."}</span>
        <span className={styles.clear}>{!isAll && <Button look="primary" onClick={onAll}>Search all calls</Button>}<Button onClick={onClear}>Clear the search</Button></span>
      </Empty>
    );
  }
  return <Empty title="No traces yet" code={codeFor(project)}>Decorate a function and call it. Its trace appears here while it runs; there is no need to reload.</Empty>;
}
