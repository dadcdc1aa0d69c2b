import { memo } from "react";

import type { ListedRow, ProjectId } from "@/api/queries";
import { StatusDot } from "@/ui/marks";

import { cellOf, isNumeric } from "./cells";
import styles from "./traces.module.css";
import type { Placed } from "./use-columns";

interface Props {
  p: ProjectId;
  call: ListedRow;
  columns: readonly Placed[];
  top: number;
  index: number;
  isSelected: boolean;
  isChecked: boolean;
  onSelect: (call: ListedRow) => void;
  onOpen: (call: ListedRow) => void;
  onCheck: (call: ListedRow, isRange: boolean) => void;
}

export const TraceRow = memo(function TraceRow({ p, call, columns, top, index, isSelected, isChecked, onSelect, onOpen, onCheck }: Props) {
  return (
    <div id={`call-${call.id}`} className={styles.row} role="row" aria-rowindex={index + 2} aria-selected={isSelected} data-checked={isChecked || undefined} style={{ transform: `translateY(${top}px)` }}
      onClick={() => { onSelect(call); }} onDoubleClick={() => { onOpen(call); }}>
      <span role="gridcell" className={styles.check} onClick={(event) => { event.stopPropagation(); }} onDoubleClick={(event) => { event.stopPropagation(); }}>
        <input type="checkbox" tabIndex={-1} aria-label={`Select ${call.display_name ?? call.op_name}`} checked={isChecked} onChange={(event) => { onCheck(call, (event.nativeEvent as MouseEvent).shiftKey); }} />
      </span>
      <span role="gridcell" className={styles.dot}><StatusDot status={call.status} /></span>
      {columns.map(({ id, isPinned, isNumber, style }) => (
        <span key={id} role="gridcell" className={styles.cell} data-column={id} data-pinned={isPinned || undefined} data-number={isNumber || isNumeric(call, id) || undefined} style={style}>{cellOf(id, call, p)}</span>
      ))}
    </div>
  );
});
