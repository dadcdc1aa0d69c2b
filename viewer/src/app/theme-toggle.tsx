import { useState } from "react";

import styles from "./layout.module.css";
import { storedTheme, storeTheme, type Theme, THEMES } from "./theme";

const LABELS: Record<Theme, string> = { light: "Light", dark: "Dark", system: "System" };

export function ThemeToggle() {
  const [theme, setTheme] = useState(storedTheme);
  const choose = (next: Theme) => {
    storeTheme(next);
    setTheme(next);
  };
  return (
    <div className={styles.theme} role="group" aria-label="Colours">
      {THEMES.map((each) => <button key={each} type="button" aria-pressed={each === theme} onClick={() => { choose(each); }}>{LABELS[each]}</button>)}
    </div>
  );
}
