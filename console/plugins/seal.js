// Writes the hash of the sources into the bundle, so that a test can tell a stale bundle without building it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** SHA-256 over "<hash of the file>  <path>\n" of every file of console/ but node_modules, sorted by path. */
function sourceHash() {
  const lines = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.startsWith("node_modules/"))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => `${createHash("sha256").update(readFileSync(join(ROOT, path))).digest("hex")}  ${path}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

export function seal(fileName) {
  return {
    name: "seal",
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source: `${sourceHash()}\n` });
    },
  };
}
