import { isShared, sharedAnswer } from "./share";
import type { Problem as Answer } from "./types";

type Problem = Pick<Answer, "error" | "remedy">;

/** What went wrong and what to do, in the server's words where it said so. */
export class ApiError extends Error {
  readonly remedy: string;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.error);
    this.name = "ApiError";
    this.remedy = problem.remedy;
    this.status = status;
  }
}

type Params = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export function urlOf(segments: readonly string[], params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const each of value as readonly string[]) query.append(key, each);
    else if (value !== undefined && value !== null && value !== "") query.set(key, String(value));
  }
  const path = `/api/${segments.map(encodeURIComponent).join("/")}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  if (isShared) return answerOfShare<T>(url, init);
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    const problem = { error: "The weavelite server does not answer.", remedy: "Start it again with `weavelite ui`; this page goes on by itself." };
    throw new ApiError(problem, 0);
  }
  if (!response.ok) throw new ApiError(await problemOf(response), response.status);
  return (await response.json()) as T;
}

/** A shared page holds answers, and no server: what it does not hold cannot be asked, and nothing can be changed. */
function answerOfShare<T>(url: string, init: RequestInit): Promise<T> {
  const found = init.method === undefined ? sharedAnswer(url) : undefined;
  if (found !== undefined) return Promise.resolve(JSON.parse(found) as T);
  const problem = init.method === undefined
    ? { error: "This was not shared.", remedy: "The page holds what its sender chose. Ask for more of it, or for the project's store." }
    : { error: "A shared page cannot be changed.", remedy: "Open the store that it was made from with `weavelite ui`." };
  return Promise.reject(new ApiError(problem, 404));
}

const GONE = "It may have been deleted, or the address is of another store. The pages of this project list all that is here.";

const FAILED = "Try again; if it stays, look at the terminal in which `weavelite ui` runs: it has the cause.";

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { error: `The server answered with status ${response.status}.`, remedy: FAILED };
  try {
    const said = { ...fallback, ...((await response.json()) as Partial<Problem>) };
    if (said.remedy !== "") return said;
    return { ...said, remedy: response.status === 404 ? GONE : response.status >= 500 ? FAILED : "" };
  } catch {
    return fallback;
  }
}

const JSON_HEADERS = { "content-type": "application/json" };

export const get = <T>(segments: readonly string[], params: Params, signal?: AbortSignal): Promise<T> => send<T>(urlOf(segments, params), signal ? { signal } : {});

export const post = <T>(segments: readonly string[], body: unknown, params: Params = {}): Promise<T> =>
  send<T>(urlOf(segments, params), { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(body) });

export const remove = <T>(segments: readonly string[]): Promise<T> => send<T>(urlOf(segments), { method: "DELETE" });
