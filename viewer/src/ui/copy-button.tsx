import { useEffect, useState } from "react";

import { Button } from "./button";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    const timer = said === null ? undefined : setTimeout(() => { setSaid(null); }, 1_200);
    return () => { clearTimeout(timer); };
  }, [said]);
  // A page that is served over plain HTTP from another machine has no clipboard.
  const copy = () => navigator.clipboard.writeText(text).then(() => { setSaid("Copied"); }, () => { setSaid("Not allowed"); });
  return <Button look="quiet" onClick={() => void copy()}>{said ?? label}</Button>;
}
