// Where the page begins.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/chat.css";
import "./styles/blocks.css";
import "./styles/panel.css";
import { App } from "./App";

if (location.search) history.replaceState(null, "", location.pathname + location.hash);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
