import { Fragment, type ReactNode, useMemo, useState } from "react";

import { contentInside } from "@/lib/content";
import type { Cut } from "@/lib/cuts";
import { isObject, textOf } from "@/lib/json";
import { formatToolCall, type Message, messageKey, pairResults, type ToolStep } from "@/lib/messages";
import { formatCount, plural } from "@/lib/number";
import { summarize } from "@/lib/summary";

import { ContentView } from "./content-view";
import { DiffText } from "./diff-text";
import { JsonView } from "./json-view";
import { LongText } from "./long-text";
import { Marked } from "./marked";
import { MarkupText } from "./markup-text";
import { CutNotes, useMessageRest, useOutputRest } from "./message-rest";
import styles from "./messages-view.module.css";
import type { Rest } from "./value-parts";

/** So many are drawn at once, the last ones first: a chat is read from its end. */
const STEP = 50;
/** A text of so many characters is not folded, and is marked where it is searched. */
const UNFOLDED = 4_000;
/** A longer text is not read as Markdown, which is drawn at once. */
const RENDERED = 20_000;

interface Props {
  messages: readonly Message[];
  /** The messages of the turn before: those that are repeated are folded, and what changed in one is marked. */
  before?: readonly Message[];
  /** Those that are not compared, since not all of them is here. */
  unsure?: ReadonlySet<Message>;
  /** The lists that are cut behind a message. */
  gaps?: ReadonlyMap<Message, readonly Cut[]>;
}

const NO_MESSAGES: readonly Message[] = [];
const ALL_SURE: ReadonlySet<Message> = new Set();
const NO_GAPS: ReadonlyMap<Message, readonly Cut[]> = new Map();

export function MessagesView({ messages, before = NO_MESSAGES, unsure = ALL_SURE, gaps = NO_GAPS }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [most, setMost] = useState(STEP);
  const { repeated, changed } = useMemo(() => compareTurns(before, messages, unsure), [before, messages, unsure]);
  const pairs = useMemo(() => pairResults(messages), [messages]);
  const fresh = pairs.filter((pair) => isOpen || !repeated.has(pair.message));
  const left = Math.max(fresh.length - most, 0);
  const shown = fresh.slice(left);
  const hidden = [...gaps].filter(([message]) => !shown.some((pair) => pair.message === message || pair.steps.some((step) => step.result === message)));
  return (
    <>
      {repeated.size > 0 && <button type="button" className={styles.before} aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}><i data-open={isOpen} aria-hidden="true" />{plural(repeated.size, "message")} as in the previous turn</button>}
      {gaps.size > hidden.length && <p className={styles.partly} role="note">Not all messages are here yet: below the last that is stands how many there are.</p>}
      {hidden.map(([, cuts], i) => <CutNotes key={i} cuts={cuts} />)}
      {left > 0 && <button type="button" className={styles.before} onClick={() => { setMost(most + STEP); }}>Show {formatCount(Math.min(left, STEP))} earlier of {gaps.size > 0 && "the first "}{plural(fresh.length, "message")}</button>}
      <ol className={styles.list}>
        {shown.map(({ message, steps }, i) => (
          <Fragment key={left + i}>
            <li><MessageBody message={message} steps={steps} before={changed.get(message)} /></li>
            {[message, ...steps.flatMap((step) => step.result ?? [])].map((each, n) => gaps.has(each) && <li key={n}><CutNotes cuts={gaps.get(each) ?? []} /></li>)}
          </Fragment>
        ))}
      </ol>
    </>
  );
}

/** Which messages a turn repeats, and what stands in the place of a message that was another before. */
function compareTurns(before: readonly Message[], messages: readonly Message[], unsure: ReadonlySet<Message>) {
  const keys = new Set(before.map(messageKey));
  const repeated = new Set(messages.filter((message) => !unsure.has(message) && keys.has(messageKey(message))));
  const changed = new Map<Message, string>();
  messages.forEach((message, i) => {
    const earlier = before[i];
    if (repeated.size > 0 && !repeated.has(message) && !unsure.has(message) && earlier?.role === message.role && earlier.text !== "" && message.text !== "") changed.set(message, earlier.text);
  });
  return { repeated, changed };
}

interface BodyProps {
  message: Message;
  steps: readonly ToolStep[];
  before?: string | undefined;
  wanted?: string;
  selected?: string;
  onSelect?: (callId: string) => void;
  /** Whether calls of tools are folded. */
  isBrief?: boolean;
}

export function MessageBody({ message, steps, before, wanted = "", selected, onSelect, isBrief = false }: BodyProps) {
  const calls = steps.length;
  const { rest, others } = useMessageRest(message);
  const shown = steps.map((step, i) => <StepView key={i} step={step} selected={selected} wanted={wanted} {...(onSelect ? { onSelect } : {})} />);
  return (
    <div className={`${styles.message} ${styles[message.role] ?? ""}`}>
      <h3>
        {message.name ?? message.role}
        {message.name !== null && <span>{message.role}</span>}
        {calls > 0 && !isBrief && <span>calls {plural(calls, "tool")}</span>}
        {before !== undefined && <span>not as in the previous turn</span>}
      </h3>
      {message.reasoning !== "" && <details className={styles.reasoning}><summary>Reasoning</summary><p>{message.reasoning}</p></details>}
      {message.text !== "" && <MessageText message={message} before={before} wanted={rest === undefined && message.text.length < UNFOLDED ? wanted : ""} rest={rest} />}
      {message.others.map((part, i) => <OtherPart key={i} part={part} />)}
      <CutNotes cuts={others} />
      {isBrief && calls > 0 ? <FoldedSteps steps={steps}>{shown}</FoldedSteps> : shown}
      {message.text === "" && calls === 0 && message.others.length === 0 && message.reasoning === "" && <p className="dim">empty</p>}
    </div>
  );
}

interface TextProps {
  message: Message;
  before: string | undefined;
  wanted: string;
  rest: Rest | undefined;
}

/** What a message says: as it is, or as Markdown unless it is compared, or marked where it is searched. */
function MessageText({ message: { role, text }, before, wanted, rest }: TextProps) {
  const isPlain = before === undefined && wanted === "" && rest === undefined && role !== "tool" && text.length < RENDERED;
  return (
    <MarkupText text={text} place={`messages/${role}`} isFree={isPlain}>
      <div className={`${styles.text} ${role === "tool" ? styles.result : ""}`}>
        {before !== undefined ? <DiffText before={before} after={text} side="both" /> : wanted !== "" ? <Marked text={text} wanted={wanted} /> : <LongText text={text} fold={role === "system" ? 400 : UNFOLDED} rest={rest} />}
      </div>
    </MarkupText>
  );
}

/** Calls of tools by their names, with what they were asked and gave back folded. */
export function FoldedSteps({ steps, children }: { steps: readonly ToolStep[]; children: ReactNode }) {
  const failed = steps.filter((step) => step.error !== null).length;
  return (
    <details className={styles.steps}>
      <summary>{plural(steps.length, "tool")}: <code>{steps.map((step) => step.call.name).join(", ")}</code>{failed > 0 && <em>{failed} failed</em>}</summary>
      {children}
    </details>
  );
}

interface StepProps {
  step: ToolStep;
  selected?: string | undefined;
  wanted?: string;
  onSelect?: (callId: string) => void;
}

/** A call of a tool, and its result below it. */
export function StepView({ step, selected, wanted = "", onSelect }: StepProps) {
  const { call, result, callId, output, error } = step;
  const text = formatToolCall(call);
  const { rest, others } = useOutputRest(step.cuts, output);
  return (
    <div className={styles.step} data-selected={callId !== null && callId === selected}>
      <code className={styles.call}>
        {callId !== null && onSelect ? <button type="button" onClick={() => { onSelect(callId); }}><Marked text={call.name} wanted={wanted} /></button> : <b>{call.name}</b>}
        <LongText text={text.slice(call.name.length)} fold={600} />
      </code>
      {error !== null && <p className={styles.error}>{error}</p>}
      {result !== null && <ResultMessage message={result} />}
      {result === null && output !== undefined && error === null && <Result value={output} rest={rest} />}
      {result === null && <CutNotes cuts={others} />}
    </div>
  );
}

function ResultMessage({ message }: { message: Message }) {
  const { rest, others } = useMessageRest(message);
  return <>{message.text !== "" && <Result value={message.text} rest={rest} />}{message.others.map((part, i) => <Result key={i} value={part} />)}<CutNotes cuts={others} /></>;
}

const SHORT = 160;

/** What a tool gave back: short things as they are, long ones folded. */
function Result({ value, rest }: { value: unknown; rest?: Rest | undefined }) {
  const parsed = typeof value === "string" && rest === undefined ? parsedOf(value) : value;
  if (typeof parsed === "string") return <div className={`${styles.text} ${styles.result}`}><LongText text={parsed} fold={800} rest={rest} /></div>;
  if (contentInside(parsed) !== null) return <OtherPart part={parsed} />;
  const gist = summarize(parsed, SHORT);
  return gist.length < SHORT ? <code className={`${styles.text} ${styles.result}`}>{gist}</code> : <details className={styles.result}><summary>{gist}</summary><JsonView value={parsed} /></details>;
}

/** Most tools answer with JSON as a text. */
function parsedOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || text.length > 200_000) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Images that are in the record are drawn; one on another host is not fetched, it stays an address. */
function OtherPart({ part }: { part: unknown }) {
  const content = contentInside(part);
  if (content !== null) return <ContentView content={content} />;
  const image = isObject(part) ? part["image_url"] : undefined;
  const url = isObject(image) ? image["url"] : image;
  if (typeof url === "string" && url.startsWith("data:image/")) return <img className={styles.image} src={url} alt="" />;
  if (typeof part !== "object" || part === null) return <code>{textOf(part)}</code>;
  return <JsonView value={part} />;
}
