import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { bodiesQuery, type ProjectId } from "@/api/queries";
import type { CallDetail, CallHeader } from "@/api/types";
import { extractMessages, type Message } from "@/lib/messages";
import { MessagesView } from "@/ui/messages-view";

interface Props {
  p: ProjectId;
  call: CallDetail;
  calls: readonly CallHeader[];
  messages: readonly Message[];
}

/** The messages of a call, against those of the last call of the same op before it. */
export function CallMessages({ p, call, calls, messages }: Props) {
  const earlier = calls.filter((each) => each.op_name === call.op_name && each.start_us < call.start_us && each.end_us !== null).at(-1);
  const query = useInfiniteQuery({ ...bodiesQuery(p, earlier === undefined ? [] : [earlier.id], 0), enabled: earlier !== undefined });
  const body = earlier === undefined ? undefined : query.data?.pages.flat().find((each) => each.id === earlier.id);
  const before = useMemo(() => (body === undefined ? [] : (extractMessages(body.inputs, body.output) ?? [])), [body]);
  return <MessagesView messages={messages} before={before} />;
}
