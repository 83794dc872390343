import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { licences } from "./plugins/licences.js";
import { seal } from "./plugins/seal.js";

export default defineConfig({
  plugins: [react(), licences(), seal("console.sha256")],
  build: {
    outDir: "../deploybot/demo/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
