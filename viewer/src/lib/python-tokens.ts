export interface CodeToken {
  kind: "plain" | "comment" | "string" | "keyword" | "number" | "decorator" | "name";
  text: string;
}

const KEYWORDS =
  "False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield";

/** One that is not closed goes on to the end: of all that there is if it is long, else of its line. */
const STRINGS = [
  String.raw`"""[\s\S]*?(?:"""|(?![\s\S]))`,
  String.raw`'''[\s\S]*?(?:'''|(?![\s\S]))`,
  String.raw`"(?:\\.|[^"\\\n])*"?`,
  String.raw`'(?:\\.|[^'\\\n])*'?`,
];

const TOKEN = new RegExp(
  [
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<string>(?:\b[rbuftRBUFT]{1,2})?(?:${STRINGS.join("|")}))`,
    String.raw`(?<decorator>(?<=^[ \t]*)@[\w.]+)`,
    String.raw`(?<name>(?<=\b(?:def|class)\s+)\w+)`,
    String.raw`(?<keyword>\b(?:${KEYWORDS})\b)`,
    String.raw`(?<number>\b(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\b)`,
  ].join("|"),
  "gm",
);

/** Enough of Python's grammar to colour it. The tokens join back to the code. */
export function pythonTokens(code: string): CodeToken[] {
  const tokens: CodeToken[] = [];
  let from = 0;
  for (const match of code.matchAll(TOKEN)) {
    if (match.index > from) tokens.push({ kind: "plain", text: code.slice(from, match.index) });
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? "plain";
    tokens.push({ kind: kind as CodeToken["kind"], text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < code.length) tokens.push({ kind: "plain", text: code.slice(from) });
  return tokens;
}
