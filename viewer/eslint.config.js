import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import checkFile from "eslint-plugin-check-file";
import { importX } from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

const features = readdirSync("src/features");
const below = (target, from) => ({
  target: `./src/${target}`,
  from: from.map((room) => `./src/${room}`),
  message: "lib <- api <- ui <- features <- app: import from the rooms below only.",
});

export default tseslint.config(
  { ignores: ["node_modules", "src/api/generated.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommendedTypeChecked, reactHooks.configs.flat.recommended],
    plugins: { "import-x": importX, "check-file": checkFile },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "tsconfig.app.json" })] },
    rules: {
      // It only reports that TanStack Virtual is not memoizable by the React compiler, which is not in use.
      "react-hooks/incompatible-library": "off",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      // `throw redirect(...)` and `throw notFound()` are how TanStack Router leaves a loader.
      "@typescript-eslint/only-throw-error": [
        "error",
        { allow: [{ from: "package", package: "@tanstack/router-core", name: ["Redirect", "NotFoundError"] }] },
      ],
      "max-lines": ["error", 250],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: [
            below("lib", ["api", "ui", "features", "app"]),
            below("api", ["ui", "features", "app"]),
            below("ui", ["api", "features", "app"]),
            below("features", ["app"]),
            ...features.map((name) => ({
              target: `./src/features/${name}`,
              from: "./src/features",
              except: [`./${name}`],
              message: "Features are strangers to each other: share through ui, api or lib.",
            })),
          ],
        },
      ],
      "check-file/filename-naming-convention": [
        "error",
        { "**/*.{ts,tsx}": "KEBAB_CASE" },
        { ignoreMiddleExtensions: true },
      ],
      "check-file/folder-naming-convention": ["error", { "src/**/": "KEBAB_CASE" }],
    },
  },
  { files: ["vite.config.ts"], rules: { "import-x/no-default-export": "off" } },
);
