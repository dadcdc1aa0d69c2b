import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

import { projectsQuery } from "@/api/queries";
import { Empty } from "@/ui/notices";

const FIRST_TRACE = `import weavelite

weavelite.init("my-project")

@weavelite.op
def answer(question: str) -> str:
    return "42"

answer("What is it?")`;

/** Shown only while there is no project. It leaves for the first one that appears. */
export function HomePage() {
  const navigate = useNavigate();
  const { data } = useQuery({ ...projectsQuery(), refetchInterval: 1_000 });
  const newest = data?.projects[0];
  useEffect(() => {
    if (newest) void navigate({ to: "/$entity/$project/traces", params: { entity: newest.entity, project: newest.name }, replace: true });
  }, [navigate, newest]);
  return <Empty title="Nothing is traced yet" code={FIRST_TRACE}>Decorate a function, run it, and this page opens its trace by itself. Everything stays on this machine.</Empty>;
}
