import { useMemo } from "react";

import { pythonTokens } from "@/lib/python-tokens";

import styles from "./code-block.module.css";

export function CodeBlock({ code }: { code: string }) {
  const tokens = useMemo(() => pythonTokens(code), [code]);
  return (
    <pre tabIndex={0} className={styles.code}>
      <code>{tokens.map((token, i) => (token.kind === "plain" ? token.text : <span key={i} className={styles[token.kind]}>{token.text}</span>))}</code>
    </pre>
  );
}
