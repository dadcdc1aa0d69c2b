import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { type ProjectId, wholeCallQuery } from "@/api/queries";
import type { CallDetail, CallHeader } from "@/api/types";
import { extractMessages } from "@/lib/messages";
import { HeldMessages } from "@/ui/held-messages";

interface Props {
  p: ProjectId;
  call: CallDetail;
  calls: readonly CallHeader[];
}

/** The turn before a call of a model is the one before it of the same agent, else of the trace; of another call the one of its op. */
function turnBefore(calls: readonly CallHeader[], call: CallHeader): CallHeader | undefined {
  const earlier = calls.filter((each) => each.start_us < call.start_us && each.end_us !== null && (call.kind === "llm" ? each.kind === "llm" : each.op_name === call.op_name));
  return earlier.findLast((each) => each.parent_span_id === call.parent_span_id) ?? earlier.at(-1);
}

/** The messages of a call, against those of the turn before. */
export function CallMessages({ p, call, calls }: Props) {
  const earlier = turnBefore(calls, call);
  const { data: turn } = useQuery({ ...wholeCallQuery(p, earlier?.id ?? ""), enabled: earlier !== undefined });
  const before = useMemo(() => (turn === undefined ? [] : (extractMessages(turn.inputs, turn.output) ?? [])), [turn]);
  return <HeldMessages call={call} before={before} />;
}
