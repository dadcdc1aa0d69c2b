import { describe, expect, it } from "vitest";

import { fieldsOf, moveColumn, nextSort, NEWEST, parseColumns, parseSort, pinColumn, placeColumn, toggleColumn, widenColumn, writeColumns } from "./columns";

describe("columns", () => {
  const columns = parseColumns("!op@220,input,inputs.question");

  it("are read as they were written", () => {
    expect(columns).toEqual([{ id: "op", width: 220, isPinned: true }, { id: "input" }, { id: "inputs.question" }]);
    for (const text of ["!op@220,input,inputs.question", String.raw`attributes.a\.b\,c@90,op`]) expect(writeColumns(parseColumns(text))).toBe(text);
    expect(parseColumns(writeColumns([{ id: "attributes.x@12" }]))[0]?.id).toBe("attributes.x@12");
  });

  it("are there once, and neither too narrow nor too wide", () => {
    expect(parseColumns("op@1,op,,input@99999")).toEqual([{ id: "op", width: 56 }, { id: "input", width: 1200 }]);
  });

  it("move among their own", () => {
    expect(writeColumns(moveColumn(columns, "input", 1))).toBe("!op@220,inputs.question,input");
    expect(moveColumn(columns, "input", -1)).toEqual(columns);
    expect(writeColumns(placeColumn(columns, "inputs.question", "input"))).toBe("!op@220,inputs.question,input");
  });

  it("are pinned to the start, put in, taken out and widened; the last one stays", () => {
    expect(writeColumns(pinColumn(columns, "inputs.question"))).toBe("!op@220,!inputs.question,input");
    expect(writeColumns(pinColumn(columns, "op"))).toBe("op@220,input,inputs.question");
    expect(writeColumns(toggleColumn(columns, "model"))).toBe("!op@220,input,inputs.question,model");
    expect(toggleColumn([{ id: "op" }], "op")).toEqual([{ id: "op" }]);
    expect(writeColumns(widenColumn(columns, "input", 300))).toBe("!op@220,input@300,inputs.question");
  });

  it("ask the server only for what calls do not have anyway", () => { expect(fieldsOf(parseColumns("op,notes,inputs.x,cost"))).toEqual(["notes", "inputs.x"]); });

  it("sort down, up, and not at all", () => {
    expect(nextSort(NEWEST, "latency")).toBe("latency:desc");
    expect(nextSort(parseSort("latency:desc"), "latency")).toBe("latency:asc");
    expect(nextSort(parseSort("latency:asc"), "latency")).toBeUndefined();
    expect(nextSort(NEWEST, "started_at")).toBe("started_at:asc");
    expect(parseSort("nonsense")).toEqual(NEWEST);
  });
});
