import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { viteSingleFile } from "vite-plugin-singlefile";
import { defineConfig } from "vitest/config";

import { mockApi } from "./dev/mock-api.ts";

/** The build of a page that opens from the disk: one file with everything in it, into which `weavelite export` puts data. */
const SHARE = "share";

const server = process.env["WEAVELITE_URL"] ?? "http://127.0.0.1:8420";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : []), ...(mode === SHARE ? [viteSingleFile({ removeViteModuleLoader: true })] : [])],
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
      },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
}));
