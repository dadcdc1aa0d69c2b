import { type KeyboardEvent, type ReactNode, useState } from "react";

import { useAddFeedback, useRemoveFeedback } from "@/api/mutations";
import type { ProjectId } from "@/api/queries";
import { isShared } from "@/api/share";
import type { CallDetail, Feedback } from "@/api/types";
import { isObject, textOf } from "@/lib/json";
import { formatFull, formatStarted } from "@/lib/time";
import { Button, Kbd } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { Reaction, Score } from "@/ui/marks";
import { ErrorNote } from "@/ui/notices";

import { ANNOTATION, AnnotationsForm } from "./annotations-form";
import styles from "./feedback-panel.module.css";

const EMOJI = ["👍", "👎", "❤️", "🎉", "🤔", "🐛"];
const SCORE = "wandb.runnable.";

/** What was said about a call; where there is a server, more can be. */
export function FeedbackPanel({ p, call }: { p: ProjectId; call: CallDetail }) {
  const add = useAddFeedback(p, call);
  const removal = useRemoveFeedback(p, call);
  const reactions = call.feedback.filter((each) => each.type.startsWith("wandb.reaction"));
  const notes = call.feedback.filter((each) => each.type.startsWith("wandb.note"));
  const answers = call.feedback.filter((each) => each.type.startsWith(ANNOTATION));
  const others = call.feedback.filter((each) => ![...reactions, ...notes, ...answers].includes(each));
  const error = add.error ?? removal.error;
  const react = (emoji: string) => {
    const mine = reactions.find((each) => each.payload["emoji"] === emoji);
    if (mine) removal.mutate(mine.id);
    else add.mutate({ type: "reaction", value: emoji });
  };
  const item = (each: Feedback, content: ReactNode) => <Item key={each.id} feedback={each} onRemove={isShared ? undefined : () => { removal.mutate(each.id); }}>{content}</Item>;
  if (isShared && call.feedback.length === 0) return <p className="dim">Nothing was said about this call.</p>;
  return (
    <div className={styles.feedback}>
      {error && <ErrorNote error={error} />}
      <Part title="Reactions" isShown={!isShared || reactions.length > 0}>
        {isShared ? <span className={styles.reactions}>{reactions.map((each) => <Reaction key={each.id} emoji={textOf(each.payload["emoji"])} />)}</span> : <Reactions given={reactions} isBusy={add.isPending || removal.isPending} onReact={react} />}
      </Part>
      <Part title="Notes" isShown={!isShared || notes.length > 0}>
        {notes.map((each) => item(each, <p className={styles.note}>{textOf(each.payload["note"])}</p>))}
        {!isShared && <NewNote isBusy={add.isPending} onAdd={(note, onSuccess) => { add.mutate({ type: "note", value: note }, { onSuccess }); }} />}
      </Part>
      <Part title="Annotations" isShown={!isShared || answers.length > 0}>
        {!isShared && <AnnotationsForm p={p} call={call} given={answers} />}
        {answers.map((each) => item(each, <Score name={each.type.slice(ANNOTATION.length)} value={each.payload["value"]} />))}
      </Part>
      <Part title="Scores" isShown>
        {others.length === 0 && <p className="dim">No scores on this call.</p>}
        {others.map((each) => item(each, <ScoreValue feedback={each} />))}
      </Part>
    </div>
  );
}

function Part({ title, isShown, children }: { title: string; isShown: boolean; children: ReactNode }) {
  return isShown && <section><h3>{title}</h3>{children}</section>;
}

function Reactions({ given, isBusy, onReact }: { given: readonly Feedback[]; isBusy: boolean; onReact: (emoji: string) => void }) {
  const extra = given.map((each) => textOf(each.payload["emoji"])).filter((emoji) => !EMOJI.includes(emoji));
  return (
    <div className={styles.reactions}>
      {[...EMOJI, ...new Set(extra)].map((emoji) => {
        const count = given.filter((each) => each.payload["emoji"] === emoji).length;
        return <Button key={emoji} isOn={count > 0} aria-pressed={count > 0} aria-label={`${count > 0 ? "Remove" : "Add"} ${emoji}`} disabled={isBusy} onClick={() => { onReact(emoji); }}>{emoji}{count > 1 ? ` ${count}` : ""}</Button>;
      })}
    </div>
  );
}

function NewNote({ isBusy, onAdd }: { isBusy: boolean; onAdd: (note: string, onSuccess: () => void) => void }) {
  const [note, setNote] = useState("");
  const add = () => { if (note.trim() !== "") onAdd(note.trim(), () => { setNote(""); }); };
  const onKeyDown = (event: KeyboardEvent) => { if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) add(); };
  return (
    <>
      <textarea className={styles.input} rows={2} aria-label="New note" placeholder="What should others know about this call?" value={note} onChange={(event) => { setNote(event.target.value); }} onKeyDown={onKeyDown} />
      <Button disabled={note.trim() === "" || isBusy} onClick={add}>Add note <Kbd>Ctrl ↵</Kbd></Button>
    </>
  );
}

/** The parts of a score as chips, long texts below: they are reasons. */
function ScoreValue({ feedback }: { feedback: Feedback }) {
  const name = feedback.type.startsWith(SCORE) ? feedback.type.slice(SCORE.length) : feedback.type;
  const output = feedback.payload["output"];
  if (!isObject(output)) return <Score name={name} value={output} />;
  const parts = Object.entries(output);
  const isPlain = parts.every(([, value]) => typeof value !== "object" || value === null);
  if (!isPlain) return <><b className="small">{name}</b><JsonView value={output} place="score" /></>;
  const isReason = (value: unknown): value is string => typeof value === "string" && value.length > 24;
  return (
    <>
      <span className={styles.reactions}>{parts.filter(([, value]) => !isReason(value)).map(([part, value]) => <Score key={part} name={`${name}.${part}`} value={value} />)}</span>
      {parts.map(([part, value]) => isReason(value) && <p key={part} className={styles.reason}><span className="dim">{part}</span> {value}</p>)}
    </>
  );
}

function Item({ feedback, onRemove, children }: { feedback: Feedback; onRemove: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className={styles.item}>
      <div>{children}</div>
      <span className="dim small" title={formatFull(feedback.created_us)}>{feedback.creator === null ? "" : `${feedback.creator} · `}{formatStarted(feedback.created_us)}</span>
      {onRemove && <Button look="quiet" aria-label="Remove" title="Remove" onClick={onRemove}>×</Button>}
    </div>
  );
}
