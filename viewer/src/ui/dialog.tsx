import * as Radix from "@radix-ui/react-dialog";
import type { ReactNode } from "react";

import styles from "./parts.module.css";

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  description?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, description, isWide = false, children }: Props) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => { if (!open) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content tabIndex={0} className={`${styles.dialog} ${isWide ? styles.wide : ""}`} {...(description === undefined ? { "aria-describedby": undefined } : {})}>
          <Radix.Title asChild><h2>{title}</h2></Radix.Title>
          {description !== undefined && <Radix.Description className="mid">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
