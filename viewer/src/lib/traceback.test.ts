import { expect, it } from "vitest";

import { codeAround, tracebackParts } from "./traceback";

const TEXT = `Traceback (most recent call last):
  File "/app/main.py", line 12, in answer
    found = look_up(word)
            ^^^^^^^^^^^^^
  File "/usr/lib/python3.12/json/decoder.py", line 3, in decode
    raise ValueError
KeyError: 'no such word'
more of the message

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "<string>", line 1, in <module>
RuntimeError`;

it("a traceback is read into frames and text, and loses nothing that is said", () => {
  const parts = tracebackParts(TEXT);
  expect(parts.map((part) => (part.kind === "frame" ? `${part.frame.name}:${part.frame.line}:${String(part.frame.isLibrary)}` : part.text.split("\n").length))).toEqual([1, "answer:12:false", "decode:3:true", 6, "<module>:1:true", 1]);
  expect(tracebackParts("just a text")).toEqual([{ kind: "text", text: "just a text" }]);
});

it("the lines around a frame are found in the stored code of its function only", () => {
  const code = "def other():\n    found = look_up(word)\n\ndef answer(word):\n    # first\n    found = look_up(word)\n    return found\n";
  const frame = { file: "x", line: 12, name: "answer", code: "found = look_up(word)", isLibrary: false };
  expect(codeAround(code, frame)).toEqual({ lines: ["def answer(word):", "    # first", "    found = look_up(word)", "    return found", ""], at: 2 });
  expect(codeAround(code, { ...frame, name: "elsewhere" })).toBeNull();
});
