import { useQuery } from "@tanstack/react-query";

import { serverQuery } from "@/api/queries";
import { Kbd } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

import styles from "./layout.module.css";

const KEYS: [string[], string][] = [
  [["⌘K", "Ctrl K"], "Go to a page, an op, an object, a run or an id"],
  [["/"], "Search or filter"],
  [["j", "k"], "Next and previous row"],
  [["Enter"], "Open the row"],
  [["Esc"], "Close, or go back"],
  [["h", "l"], "In a trace: fold and unfold"],
  [["x"], "Select the row; with Shift all up to it"],
  [["c"], "In evaluations: compare what is selected"],
  [["?"], "This sheet"],
];

export function KeySheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { data } = useQuery({ ...serverQuery(), enabled: isOpen });
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <dl className={styles.sheet}>
        {KEYS.map(([keys, meaning]) => [
          <dt key={`${meaning} keys`}>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dt>,
          <dd key={meaning}>{meaning}</dd>,
        ])}
      </dl>
      {data && <p className="dim small">weavelite {data.version}, store {data.store}</p>}
    </Dialog>
  );
}
