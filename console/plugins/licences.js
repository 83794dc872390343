// Ships the licence of every package that went into the bundle along with it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

function packageOf(moduleId) {
  const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(moduleId.split("\\").join("/"));
  return found?.[1];
}

function licenceOf(name) {
  const folder = join(ROOT, "node_modules", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "(no licence file; see the line above)";
  return `${manifest.name} ${manifest.version} - ${manifest.license}\n\n${text}\n`;
}

export function licences() {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
      const names = [...new Set(modules.map(packageOf).filter(Boolean))].sort();
      const known = names.filter((name) => existsSync(join(ROOT, "node_modules", name, "package.json")));
      this.emitFile({
        type: "asset",
        fileName: "LICENSES.txt",
        source: `This page contains the following software.\n\n${known.map(licenceOf).join(`\n${"-".repeat(80)}\n\n`)}`,
      });
    },
  };
}
