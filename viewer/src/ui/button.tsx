import type { ComponentProps } from "react";

import styles from "./parts.module.css";

interface Props extends ComponentProps<"button"> {
  look?: "plain" | "primary" | "danger" | "quiet";
  isOn?: boolean;
}

export function Button({ look = "plain", isOn = false, className = "", ...rest }: Props) {
  const classes = [styles.button, look === "plain" ? "" : styles[look], isOn ? styles.on : "", className];
  return <button type="button" className={classes.filter(Boolean).join(" ")} {...rest} />;
}

export function Kbd({ children }: { children: string }) {
  return <kbd className={styles.kbd}>{children}</kbd>;
}
