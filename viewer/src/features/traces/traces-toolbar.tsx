import { useQuery } from "@tanstack/react-query";
import { useCallback, useRef } from "react";

import { opsQuery, type ProjectId } from "@/api/queries";
import { CALL_STATUSES, type TracesSearch } from "@/lib/search";
import { Segments, SearchBox, Select } from "@/ui/fields";
import { PageBar } from "@/ui/page-bar";
import { useKeys } from "@/ui/use-keys";

import styles from "./traces.module.css";

interface Props {
  p: ProjectId;
  search: TracesSearch;
  onChange: (next: Partial<TracesSearch>) => void;
}

export function TracesToolbar({ p, search, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const ops = useQuery(opsQuery(p)).data?.ops ?? [];
  useKeys({ "/": () => { input.current?.focus(); input.current?.select(); } });
  const names = ops.map((op) => op.name);
  if (search.op !== undefined && !names.includes(search.op)) names.push(search.op);
  const searchFor = useCallback((q: string) => { onChange({ q: q === "" ? undefined : q }); }, [onChange]);
  return (
    <PageBar>
      <h1 className="sr">Traces</h1>
      <SearchBox inputRef={input} label="Search names, inputs, outputs and errors" value={search.q ?? ""} hint="/" onChange={searchFor} />
      <span className={styles.live} role="status"><i aria-hidden="true" />Live</span>
      <Select label="Op" value={search.op ?? ""} options={[{ value: "", label: "Any op" }, ...names.map((name) => ({ value: name, label: name }))]} onChange={(op) => { onChange({ op: op === "" ? undefined : op }); }} />
      <Select label="Status" value={search.status ?? ""} options={[{ value: "", label: "Any status" }, ...CALL_STATUSES.map((status) => ({ value: status, label: status }))]} onChange={(status) => { onChange({ status: status === "" ? undefined : status }); }} />
      <Segments label="Which calls" value={search.all ? "all" : "roots"} options={[{ value: "roots", label: "Traces" }, { value: "all", label: "All calls" }]} onChange={(which) => { onChange({ all: which === "all" ? true : undefined, call: undefined }); }} />
    </PageBar>
  );
}
