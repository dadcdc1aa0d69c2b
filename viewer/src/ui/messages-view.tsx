import { contentInside } from "@/lib/content";
import { isObject } from "@/lib/json";
import { formatToolCall, type Message } from "@/lib/messages";
import { plural } from "@/lib/number";

import { ContentView } from "./content-view";
import { JsonView } from "./json-view";
import { LongText } from "./long-text";
import styles from "./messages-view.module.css";

export function MessagesView({ messages }: { messages: readonly Message[] }) {
  return <ol className={styles.list}>{messages.map((message, i) => <MessageItem key={i} message={message} />)}</ol>;
}

function MessageItem({ message }: { message: Message }) {
  const calls = message.toolCalls.length;
  return (
    <li className={`${styles.message} ${styles[message.role] ?? ""}`}>
      <h3>
        {message.name ?? message.role}
        {message.name !== null && <span>{message.role}</span>}
        {calls > 0 && <span>calls {plural(calls, "tool")}</span>}
      </h3>
      {message.text !== "" && <p className={message.role === "tool" ? styles.result : ""}><LongText text={message.text} fold={4_000} /></p>}
      {message.toolCalls.map((call, i) => <code key={i} className={styles.call}>{formatToolCall(call)}</code>)}
      {message.others.map((part, i) => <OtherPart key={i} part={part} />)}
      {message.text === "" && calls === 0 && message.others.length === 0 && <p className="dim">empty</p>}
    </li>
  );
}

/** Images that are in the record are drawn; one on another host is not fetched, it stays an address. */
function OtherPart({ part }: { part: unknown }) {
  const content = contentInside(part);
  if (content !== null) return <ContentView content={content} />;
  const image = isObject(part) ? part["image_url"] : undefined;
  const url = isObject(image) ? image["url"] : image;
  if (typeof url === "string" && url.startsWith("data:image/")) return <img className={styles.image} src={url} alt="" />;
  return <JsonView value={part} />;
}
