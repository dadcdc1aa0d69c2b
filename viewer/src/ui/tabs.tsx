import type { KeyboardEvent, ReactNode } from "react";

import styles from "./parts.module.css";

export interface Tab {
  id: string;
  label: string;
  count?: number;
  content: () => ReactNode;
}

interface Props {
  tabs: readonly Tab[];
  active: string | undefined;
  onChange: (id: string) => void;
  panelClass?: string | undefined;
}

/** The first tab is shown when the wanted one does not exist here. */
export function Tabs({ tabs, active, onChange, panelClass }: Props) {
  const shown = tabs.find((tab) => tab.id === active) ?? tabs[0];
  if (shown === undefined) return null;
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = tabs[(tabs.indexOf(shown) + step + tabs.length) % tabs.length];
    if (step === 0 || next === undefined) return;
    onChange(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <>
      <div className={styles.tabs} role="tablist" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" data-tab={tab.id} aria-selected={tab === shown} tabIndex={tab === shown ? 0 : -1} onClick={() => { onChange(tab.id); }}>
            {tab.label}{tab.count === undefined ? "" : ` ${tab.count}`}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={shown.label} className={panelClass}>{shown.content()}</div>
    </>
  );
}
