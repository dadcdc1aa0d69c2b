import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { bodiesQuery } from "@/api/queries";
import { callParts } from "@/api/value-parts";
import { Conversation, spokenCalls } from "@/lib/conversation";
import { Dialogue } from "@/ui/dialogue";
import { Gate, MoreFailed } from "@/ui/notices";
import { SpokenRests } from "@/ui/spoken-rests";

import type { ViewProps } from "./trace-pane";
import styles from "./trace.module.css";

/** The whole trace as what was said in it, each message once. */
export function ConversationView({ p, nodes, nowUs, selected, wanted, onSelect }: ViewProps) {
  const calls = useMemo(() => spokenCalls(nodes), [nodes]);
  const ids = useMemo(() => calls.map((call) => call.id), [calls]);
  const isRunning = calls.some((call) => call.status === "running");
  const partsOf = useCallback((id: string) => callParts(p, { id, cuts: [], sizes: {} }), [p]);
  const query = useInfiniteQuery(bodiesQuery(p, ids, isRunning ? nowUs : calls.length));
  const conversation = useMemo(() => {
    const conversation = new Conversation();
    conversation.add(nodes, new Map(query.data?.pages.flat().map((body) => [body.id, body])));
    return conversation;
  }, [nodes, query.data]);
  const known = query.data?.pages.reduce((sum, page) => sum + page.length, 0) ?? 0;
  const needsMore = query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError;
  return (
    <div className={styles.view}>
      <Gate query={query} what="What the calls said">
        {() => <SpokenRests partsOf={partsOf} conversation={conversation}><Dialogue lines={conversation.lines} selected={selected} wanted={wanted} onSelect={onSelect} isWhole={!query.hasNextPage} isAhead={ids.indexOf(selected) >= known} onNeedMore={() => { if (needsMore) void query.fetchNextPage(); }} /><MoreFailed query={query} what="What later calls said" /></SpokenRests>}
      </Gate>
    </div>
  );
}
