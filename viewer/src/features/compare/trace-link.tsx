import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

interface Props {
  p: { entity: string; project: string };
  traceId: string;
  callId: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A key or another button means a new tab or window: that is the browser's to do. */
const isPlain = (event: MouseEvent) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** A link to a call in its trace, for tables with hundreds of them: each of the router's own follows the address, and looks for its route. */
export function TraceLink({ p, traceId, callId, className, children }: Props) {
  const router = useRouter();
  const open = (event: MouseEvent) => {
    if (event.defaultPrevented || !isPlain(event)) return;
    event.preventDefault();
    void router.navigate({ to: "/$entity/$project/traces/$traceId", params: { ...p, traceId }, search: { call: callId } });
  };
  const path = [p.entity, p.project, "traces", traceId].map(encodeURIComponent).join("/");
  return <a className={className} href={router.history.createHref(`/${path}?call=${encodeURIComponent(callId)}`)} onClick={open}>{children}</a>;
}
