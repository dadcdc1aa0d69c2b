import * as Radix from "@radix-ui/react-dropdown-menu";
import { type ReactNode, useRef, useState } from "react";

import styles from "./menu.module.css";

interface MenuProps {
  /** The button that opens it: an element that takes a ref and props. */
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  onOpen?: (isOpen: boolean) => void;
}

/** It opens on a click, not when the button goes down, so that its trigger can be dragged as well. */
export function Menu({ trigger, children, align = "start", onOpen }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const change = (next: boolean) => {
    setOpen(next);
    onOpen?.(next);
  };
  return (
    <Radix.Root modal={false} open={isOpen} onOpenChange={change}>
      <Radix.Trigger asChild ref={button} onPointerDownCapture={(event) => { event.stopPropagation(); }} onClick={() => { change(!isOpen); }}>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} sideOffset={4} collisionPadding={8} onInteractOutside={(event) => { if (event.target instanceof Node && button.current?.contains(event.target)) event.preventDefault(); }}>{children}</Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  children: ReactNode;
  onSelect?: () => void;
  isDisabled?: boolean;
}

export function MenuItem({ children, onSelect, isDisabled = false }: ItemProps) {
  return <Radix.Item className={styles.item} disabled={isDisabled} onSelect={() => onSelect?.()}>{children}</Radix.Item>;
}

/** An item that is a link: the child is the anchor. */
export function MenuLink({ children }: { children: ReactNode }) {
  return <Radix.Item className={styles.item} asChild>{children}</Radix.Item>;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>;
}

export const MenuRule = () => <Radix.Separator className={styles.rule} />;
