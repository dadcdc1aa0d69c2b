import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

import { mockApi } from "./dev/mock-api.ts";

const server = process.env["WEAVELITE_URL"] ?? "http://127.0.0.1:8420";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: mode === "mock" ? {} : { proxy: { "/api": server } },
  build: {
    outDir: "../weavelite/server/static",
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the server's Content-Security-Policy refuses for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
}));
