// Roll something out: an app of one's choice or any, gently, as a canary, or a version that fails.
import { useState } from "react";

import { usePolled } from "../ui/usePolled";
import { loadApps, rollOut, type Wanted } from "./api";
import type { Run } from "./FoundationPanel";
import type { App } from "./types";

const KINDS: [Wanted["kind"], string, string][] = [
  ["rolling", "Rollout", "A new version, a few instances at a time"],
  ["canary", "Canary", "A new version in steps, each waiting to be continued"],
  ["failing", "Failing one", "A new version that never gets healthy"],
];

const loadAll = () => loadApps(true);

export function StartRollout({ run }: { run: Run }) {
  const apps = usePolled(loadAll, 60).value?.apps ?? [];
  const [chosen, setChosen] = useState("");
  const sorted = apps.toSorted((a, b) => path(a).localeCompare(path(b)));
  return (
    <fieldset className="start">
      <legend>Start</legend>
      <select className="field" aria-label="App" value={chosen} onChange={(event) => setChosen(event.target.value)}>
        <option value="">any app at rest</option>
        {sorted.map((app) => (
          <option key={app.guid} value={app.guid}>
            {path(app)}
          </option>
        ))}
      </select>
      <div className="row">
        {KINDS.map(([kind, title, about]) => (
          <button key={kind} type="button" className="button small" title={about} onClick={() => run(rollOut({ kind, app: chosen || undefined }))}>
            {title}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

const path = (app: App) => `${app.organization} / ${app.space} / ${app.name}`;
