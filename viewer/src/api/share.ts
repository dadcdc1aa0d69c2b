const held = document.getElementById("weavelite-share");

/** Whether this page is a file that `weavelite export` wrote: there is no server then. */
export const isShared = held !== null;

/** What was shared, and when. */
export interface Share {
  made_us: number;
  version: string;
  entity: string;
  project: string;
  filter: string;
  traces: number;
  calls: number;
}

let answers: Readonly<Record<string, string>> = {};

/** Unpacks what the page holds: answers of the API, as text, by address. Has to end before anything is asked. */
export async function openShare(): Promise<void> {
  const packed = Uint8Array.from(atob(held?.textContent ?? ""), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  answers = (await new Response(stream).json()) as Record<string, string>;
}

export const shareInfo = (): Share | null => {
  const info = answers["share"];
  return info === undefined ? null : (JSON.parse(info) as Share);
};

/** The order of parameters does not matter; a list that was shared whole answers whatever is asked of it. */
export function sharedAnswer(url: string): string | undefined {
  const [path = "", query = ""] = url.split("?", 2);
  const params = new URLSearchParams(query);
  params.sort();
  const name = decodeURIComponent(path.replace(/^\/api\//, ""));
  const pairs = [...params].map(([key, value]) => `${key}=${value}`).join("&");
  return answers[`${name}?${pairs}`] ?? answers[`${name}?*`];
}

/** Content that the page holds, as an address of its own. */
export function sharedContent(digest: string, type: string): string | undefined {
  const data = answers[`content/${digest}`];
  return data === undefined ? undefined : `data:${type};base64,${data}`;
}
