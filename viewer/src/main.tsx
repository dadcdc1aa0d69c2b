import "./ui/tokens.css";
import "./ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { isShared, openShare, sharedContent } from "./api/share";
import { Providers } from "./app/providers";
import { applyTheme, storedTheme } from "./app/theme";
import { holdContent } from "./lib/content";

applyTheme(storedTheme());
if (isShared) {
  await openShare();
  holdContent(sharedContent);
}
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Providers /></StrictMode>);
