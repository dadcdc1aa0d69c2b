import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { viteSingleFile } from "vite-plugin-singlefile";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { mockApi } from "./dev/mock-api.ts";

/** The build of a page that opens from the disk: one file with everything in it, into which `weavelite export` puts data. */
const SHARE = "share";

/**
 * Many pages share small modules, and each set of pages that shares one would get a file for it: eighty, of a few hundred bytes.
 * What every page needs comes in two files, what shows a value or a call in a third, which the list reads when
 * somebody turns to a row; plots and the editor are left to those who open them.
 */
const VALUES = [
  "lib/(?:annotation|conversation|critical-path|csv|cuts|edits|event-strip|find|flame|flatten|layers|line-diff|looks|mapping|markdown|message-cuts|messages|neighbours|outline|picks|prompt|ranges|runs|scores|thread|traceback|tree|verdict|word-diff)",
  "ui/(?:content-view|dialogue|diff-lines|diff-text|folded-diff|graph|held-messages|json-view|long-text|markdown-view|marked|markup-text|message-rest|messages-view|ref-link|table|tabs|use-growing|use-look|use-walk|value-parts)",
  "api/value-parts",
];

const GROUPS = [
  { name: "vendor", test: /node_modules\/(?:react|react-dom|scheduler|@tanstack\/(?!react-table)[^/]+|use-sync-external-store|tiny-[^/]+|seroval[^/]*|cookie-es|isbot)\//, priority: 2 },
  { name: "shared", test: new RegExp(`/src/(?!ui/(?:chart|menu)|(?:${VALUES.join("|")})\\.)(?:lib|api|ui)/`), priority: 2 },
  { name: "values", test: new RegExp(`/src/(?:${VALUES.join("|")})\\.`), priority: 1 },
];

/** Asks for the font of all text with the page: what is set in another one first is laid out twice. */
const earlyFont = (): Plugin => ({
  name: "early-font",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) =>
      Object.keys(bundle ?? {}).filter((name) => name.includes("inter-latin-wght-normal"))
        .map((name) => ({ tag: "link", attrs: { rel: "preload", as: "font", type: "font/woff2", href: `/${name}`, crossorigin: true }, injectTo: "head" as const })),
  },
});

const server = process.env["WEAVELITE_URL"] ?? "http://127.0.0.1:8420";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : []), mode === SHARE ? viteSingleFile({ removeViteModuleLoader: true }) : earlyFont()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: mode === "mock" ? {} : { proxy: { "/api": server } },
  build: mode === SHARE
    ? { outDir: "../weavelite/server/static/share", emptyOutDir: true, copyPublicDir: false }
    : {
        outDir: "../weavelite/server/static",
        emptyOutDir: true,
        // Inlined assets would be data: URLs, which the server's Content-Security-Policy refuses for fonts.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
      },
  test: { include: ["src/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
}));
