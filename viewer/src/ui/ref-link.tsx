import { Link } from "@tanstack/react-router";

import type { Ref } from "@/lib/json";

import { shortDigest } from "./marks";
import styles from "./ref-link.module.css";

export function RefLink({ target }: { target: Ref }) {
  const { entity, project, name, digest, row } = target;
  if (target.kind === "call") return <Link className={styles.ref} to="/$entity/$project/r/call/$callId" params={{ entity, project, callId: name }}>call<span>{name.slice(-6)}</span></Link>;
  const content = <>{name}<span>{shortDigest(digest)}{row === null ? "" : ` row ${shortDigest(row)}`}</span></>;
  return target.kind === "op"
    ? <Link className={styles.ref} to="/$entity/$project/ops/$name" params={{ entity, project, name }} search={{ version: digest }}>{content}</Link>
    : <Link className={styles.ref} to="/$entity/$project/objects/$name" params={{ entity, project, name }} search={{ version: digest }}>{content}</Link>;
}
