import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";

import { serverQuery } from "@/api/queries";
import { Kbd } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

import { keyGroups } from "./keys";
import styles from "./layout.module.css";

export function KeySheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  const { data } = useQuery({ ...serverQuery(), enabled: isOpen });
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose} isWide>
      <div className={styles.sheets}>{keyGroups(pathname).map(({ page, keys }) => (
        <section key={page} className={styles.sheet} aria-label={`Keys: ${page}`}>
          <h3>{page}</h3>
          <dl>
            {keys.map(([names, meaning]) => [
              <dt key={`${meaning} keys`}>{names.map((name) => <Kbd key={name}>{name}</Kbd>)}</dt>,
              <dd key={meaning}>{meaning}</dd>,
            ])}
          </dl>
        </section>
      ))}</div>
      {data && <p className="dim small">weavelite {data.version}, store {data.store}</p>}
    </Dialog>
  );
}
