import "./ui/tokens.css";
import "./ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Providers } from "./app/providers";
import { applyTheme, storedTheme } from "./app/theme";

applyTheme(storedTheme());
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Providers /></StrictMode>);
