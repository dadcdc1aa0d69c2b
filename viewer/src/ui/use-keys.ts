import { useEffect, useEffectEvent } from "react";

type Keys = Record<string, ((event: KeyboardEvent) => void) | undefined>;

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Enter and space belong to the focused control first. */
const isPressing = (event: KeyboardEvent) => (event.key === "Enter" || event.key === " ") && event.target instanceof Element && event.target.closest("button, a, summary") !== null;

/** Single keys for the whole page, silent while something is typed, a modifier is held or a dialog is open. */
export function useKeys(keys: Keys) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const handle = keys[event.key];
    if (handle === undefined || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (isTyping(event.target) || isPressing(event) || document.querySelector("[role=dialog]") !== null) return;
    event.preventDefault();
    handle(event);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => { onKey(event); };
    window.addEventListener("keydown", listener);
    return () => { window.removeEventListener("keydown", listener); };
  }, []);
}
