import { type KeyboardEvent, type ReactNode, useState } from "react";

import { useAddFeedback, useRemoveFeedback } from "@/api/mutations";
import type { ProjectId } from "@/api/queries";
import type { CallDetail, Feedback } from "@/api/types";
import { isObject, textOf } from "@/lib/json";
import { formatFull, formatStarted } from "@/lib/time";
import { Button, Kbd } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { Score } from "@/ui/marks";
import { ErrorNote } from "@/ui/notices";

import { ANNOTATION, AnnotationsForm } from "./annotations-form";
import styles from "./feedback-panel.module.css";

const EMOJI = ["👍", "👎", "❤️", "🎉", "🤔", "🐛"];
const SCORE = "wandb.runnable.";

export function FeedbackPanel({ p, call }: { p: ProjectId; call: CallDetail }) {
  const add = useAddFeedback(p, call);
  const removal = useRemoveFeedback(p, call);
  const [note, setNote] = useState("");
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
  const addNote = () => {
    if (note.trim() !== "") add.mutate({ type: "note", value: note.trim() }, { onSuccess: () => { setNote(""); } });
  };
  const onKeyDown = (event: KeyboardEvent) => { if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) addNote(); };
  const extra = reactions.map((each) => textOf(each.payload["emoji"])).filter((emoji) => !EMOJI.includes(emoji));

  return (
    <div className={styles.feedback}>
      {error && <ErrorNote error={error} />}
      <section>
        <h3>Reactions</h3>
        <div className={styles.reactions}>
          {[...EMOJI, ...new Set(extra)].map((emoji) => {
            const count = reactions.filter((each) => each.payload["emoji"] === emoji).length;
            return <Button key={emoji} isOn={count > 0} aria-pressed={count > 0} aria-label={`${count > 0 ? "Remove" : "Add"} ${emoji}`} disabled={add.isPending || removal.isPending} onClick={() => { react(emoji); }}>{emoji}{count > 1 ? ` ${count}` : ""}</Button>;
          })}
        </div>
      </section>
      <section>
        <h3>Notes</h3>
        {notes.map((each) => <Item key={each.id} feedback={each} onRemove={() => { removal.mutate(each.id); }}><p className={styles.note}>{textOf(each.payload["note"])}</p></Item>)}
        <textarea className={styles.input} rows={2} aria-label="New note" placeholder="What should others know about this call?" value={note} onChange={(event) => { setNote(event.target.value); }} onKeyDown={onKeyDown} />
        <Button disabled={note.trim() === "" || add.isPending} onClick={addNote}>Add note <Kbd>Ctrl ↵</Kbd></Button>
      </section>
      <section>
        <h3>Annotations</h3>
        <AnnotationsForm p={p} call={call} given={answers} />
        {answers.map((each) => <Item key={each.id} feedback={each} onRemove={() => { removal.mutate(each.id); }}><Score name={each.type.slice(ANNOTATION.length)} value={each.payload["value"]} /></Item>)}
      </section>
      <section>
        <h3>Scores</h3>
        {others.length === 0 && <p className="dim">No scores on this call.</p>}
        {others.map((each) => <Item key={each.id} feedback={each} onRemove={() => { removal.mutate(each.id); }}><ScoreValue feedback={each} /></Item>)}
      </section>
    </div>
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

function Item({ feedback, onRemove, children }: { feedback: Feedback; onRemove: () => void; children: ReactNode }) {
  return (
    <div className={styles.item}>
      <div>{children}</div>
      <span className="dim small" title={formatFull(feedback.created_us)}>{feedback.creator === null ? "" : `${feedback.creator} · `}{formatStarted(feedback.created_us)}</span>
      <Button look="quiet" aria-label="Remove" title="Remove" onClick={onRemove}>×</Button>
    </div>
  );
}
