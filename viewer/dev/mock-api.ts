import type { Plugin } from "vite";

import { addEvaluations } from "./make-evaluations.ts";
import { addObjects, makeOps } from "./make-objects.ts";
import { makeLargeTrace, makeTrace } from "./make-traces.ts";
import { answer } from "./mock-routes.ts";
import { makeRandom } from "./random.ts";
import type { MockStore } from "./store.ts";

function makeStore(): MockStore {
  const random = makeRandom(4);
  const nowUs = Date.now() * 1_000;
  const store: MockStore = { calls: [], ops: makeOps(random, nowUs), objects: [], tables: new Map(), runs: [], rows: new Map(), revision: 1 };
  let at = nowUs - 20_000_000;
  store.calls.push(...makeTrace(random, nowUs - 3_000_000, true));
  for (let i = 0; i < 199; i += 1) {
    store.calls.push(...makeTrace(random, at));
    at -= random.between(2_000, 38_000) * 1_000 * (i > 90 && i < 120 ? 0.2 : 1);
  }
  store.calls.push(...makeLargeTrace(random, at, Number(process.env["MOCK_LARGE"] ?? 3_000)));
  addObjects(random, store, nowUs);
  addEvaluations(random, store, nowUs);
  const seconds = Number(process.env["MOCK_EVERY"] ?? 0);
  if (seconds > 0) {
    setInterval(() => {
      store.calls.unshift(...makeTrace(random, Date.now() * 1_000));
      store.revision += 1;
    }, seconds * 1_000);
  }
  return store;
}

/** The HTTP API with made-up data, for looking at pages without a server. */
export function mockApi(): Plugin {
  return {
    name: "weavelite-mock-api",
    configureServer(server) {
      const store = makeStore();
      server.middlewares.use("/api", (request, response) => {
        const chunks: Uint8Array[] = [];
        request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        request.on("end", () => {
          const body = Buffer.concat(chunks).toString();
          const [status, payload] = answer(store, request.method ?? "GET", new URL(request.url ?? "/", "http://mock"), body);
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(payload));
        });
      });
    },
  };
}
