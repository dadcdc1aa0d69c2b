import { describe, expect, it } from "vitest";

import { contentInside, gistOf, heldOf, isContent } from "./content";

const DIGEST = "uEYLRqYZZX5wlVVF4px0LGl4aa6hY6BXpJ7Yi2M0LD4";
const custom = (type: string, rest: object) => ({ _type: "CustomWeaveType", weave_type: { type }, ...rest, "~": 1 });
const image = custom("PIL.Image.Image", { files: { "image.png": DIGEST }, val: { mimetype: "image/png", width: 640, height: 480 } });

describe("content", () => {
  it("is found by its mark, not by its look", () => {
    expect(heldOf({ ...image, "~": 2 })).toBeNull();
    expect(heldOf({ _type: "set", items: [] })).toBeNull();
    expect(heldOf([image])).toBeNull();
  });

  it("is asked for by its digest", () => {
    expect(heldOf(image)).toMatchObject({ kind: "image", src: `/api/content/${DIGEST}?type=image%2Fpng&name=image.png`, note: "image/png · 640 × 480" });
  });

  it("that can run is a file", () => {
    for (const mimetype of ["image/svg+xml", "text/html", "application/pdf"])
      expect(heldOf(custom("bytes", { files: { content: DIGEST }, val: { mimetype } }))).toMatchObject({ kind: "file" });
  });

  it("that is small stands in the value", () => {
    expect(heldOf({ _type: "bytes", bytes: 2, base64: "YWI=", "~": 1 })).toMatchObject({ kind: "file", src: "data:application/octet-stream;base64,YWI=" });
    expect(heldOf(custom("x", { inline: { content: "YWI=" }, val: { mimetype: "image/svg+xml" } }))).toMatchObject({ src: "data:application/octet-stream;base64,YWI=" });
  });

  it("that was left out has no address", () => {
    expect(heldOf(custom("bytes", { stubs: { content: 99_000_000 }, val: { mimetype: "image/png" } }))).toMatchObject({ kind: "image", src: null, size: 99_000_000 });
  });

  it("is found inside parts of messages", () => {
    const held = contentInside({ type: "image_url", image_url: { url: image } });
    expect(held !== null && isContent(held)).toBe(true);
    expect(contentInside({ type: "image_url", image_url: { url: "https://example.com/a.png" } })).toBeNull();
  });
});

describe("other values", () => {
  it("are said in a few words", () => {
    const gist = (value: unknown) => { const held = heldOf(value); return held && gistOf(held); };
    expect(gist(custom("datetime.datetime", { val: "2026-01-01T00:00:00" }))).toBe("2026-01-01T00:00:00");
    expect(gist(custom("datetime.timedelta", { val: { microseconds: 1_500_000 } }))).toBe("1.5 s");
    expect(gist(custom("numpy.ndarray", { val: { dtype: "float32", shape: [3, 4], head: [1] } }))).toBe("float32 array of 3 × 4");
    expect(gist(custom("pandas.DataFrame", { val: { columns: ["a"], dtypes: ["int64"], rows: 12_000, head: [[1]] } }))).toBe("table of 12,000 × 1");
    expect(gist({ _type: "set", items: [1, 2], "~": 1 })).toBe("set of 2");
    expect(gist(custom("range", { val: [0, 10, 2] }))).toBe("range(0, 10, 2)");
  });

  it("that are damaged do not break the page", () => {
    for (const rest of [{}, { val: null }, { files: 3 }, { val: { columns: 1, head: [] } }, { weave_type: 1 }, { val: { shape: ["x"] } }])
      expect(() => { const held = heldOf({ ...custom("x", {}), ...rest }); if (held) gistOf(held); }).not.toThrow();
  });
});
