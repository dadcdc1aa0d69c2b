import { useInfiniteQuery } from "@tanstack/react-query";
import { columnOrderingFeature, columnPinningFeature, columnResizingFeature, columnSizingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { type CSSProperties, useMemo, useState } from "react";

import { type CallList, callsQuery, type ListedRow, type ProjectId, type RowPage } from "@/api/queries";
import { aboutColumn, type Column, defaultColumns, LEAST, parseColumns, pinnedFirst } from "@/lib/columns";
import { useMedia } from "@/ui/use-media";

const features = tableFeatures({ columnOrderingFeature, columnPinningFeature, columnSizingFeature, columnResizingFeature });
/** The virtual list has the rows: the table arranges their columns. */
const NO_ROWS: ListedRow[] = [];
/** The mark of selection and that of status, which always stand first. */
const LEAD = 62;

export interface Placed {
  id: string;
  isPinned: boolean;
  isNumber: boolean;
  style: CSSProperties | undefined;
}

const NOTHING = { scores: false, cost: false };

/** Which columns would have something in them. */
const heldBy = ({ pages }: { pages: RowPage[] }) => {
  const rows = pages.flatMap((page) => page.calls);
  return { scores: rows.some((row) => row.reactions.length > 0 || Object.keys(row.scores).length > 0), cost: rows.some((row) => row.sum_cost !== null) };
};

/** The columns that are shown: those that the address names, or what there is room for. */
export function useChosenColumns(text: string | undefined, p: ProjectId, list: CallList, isAsked: boolean): Column[] {
  const isSmall = useMedia("(max-width: 720px)");
  const isMedium = useMedia("(max-width: 1100px)");
  const { scores, cost } = useInfiniteQuery({ ...callsQuery(p, list), enabled: isAsked, select: heldBy }).data ?? NOTHING;
  return useMemo(() => {
    const chosen = parseColumns(text ?? "");
    return chosen.length > 0 ? pinnedFirst(chosen) : defaultColumns(isSmall ? "small" : isMedium ? "medium" : "wide", { scores, cost });
  }, [text, isSmall, isMedium, scores, cost]);
}

/** Arranges columns; `sizes` are those of a column that is being dragged wider. */
export function useColumnTable(columns: readonly Column[]) {
  const [dragged, setDragged] = useState<Record<string, number>>({});
  const defs = useMemo(() => columns.map(({ id }) => ({ id, header: aboutColumn(id).label, size: aboutColumn(id).width, minSize: LEAST })), [columns]);
  const sizes = { ...Object.fromEntries(columns.flatMap(({ id, width }) => (width === undefined ? [] : [[id, width]]))), ...dragged };
  const table = useTable({
    features, columns: defs, data: NO_ROWS, columnResizeMode: "onChange",
    state: { columnOrder: columns.map(({ id }) => id), columnPinning: { start: columns.filter((column) => column.isPinned).map(({ id }) => id), end: [] }, columnSizing: sizes },
    onColumnSizingChange: (change) => { setDragged(typeof change === "function" ? change(sizes) : change); },
  });
  const shown = [...table.getStartLeafColumns(), ...table.getCenterLeafColumns()];
  const isSet = (id: string) => Object.hasOwn(sizes, id);
  const grows = (id: string) => !isSet(id) && aboutColumn(id).isGrowing === true && !columns.some((column) => column.id === id && column.isPinned);
  const isSmall = useMedia("(max-width: 720px)");
  const leastOf = (column: (typeof shown)[number]) => (isSmall && grows(column.id) ? Math.min(column.getSize(), 108) : column.getSize());
  const tracks = shown.map((column) => (grows(column.id) ? `minmax(${leastOf(column)}px, 1fr)` : `${column.getSize()}px`));
  const least = LEAD + 10 + shown.reduce((sum, column) => sum + leastOf(column), 0);
  const template = ["32px 30px", ...tracks, shown.some((column) => grows(column.id)) ? "" : "minmax(0, 1fr)"].join(" ").trim();
  const placedKey = shown.map((column) => `${column.id}@${column.getIsPinned() ? column.getStart("start") : ""}`).join(",");
  const placed = useMemo(() => shown.map((column): Placed => {
    const isPinned = column.getIsPinned() === "start";
    return { id: column.id, isPinned, isNumber: aboutColumn(column.id).isNumber === true, style: isPinned ? { left: LEAD + column.getStart("start") } : undefined };
  }), [placedKey]); // eslint-disable-line react-hooks/exhaustive-deps -- rows are drawn again only when places change
  return { table, placed, template, least, dragged, setDragged, sizes };
}
