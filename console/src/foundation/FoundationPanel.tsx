// The simulated foundation: what rolls out, and the switches that make life hard.
import { useCallback, useState } from "react";

import { reason } from "../http";
import { usePolled } from "../ui/usePolled";
import { loadApps, loadState } from "./api";
import { AppCard } from "./AppCard";
import { FaultSwitches } from "./FaultSwitches";
import { Pace } from "./Pace";
import { SlackFaults } from "./SlackFaults";
import { StartRollout } from "./StartRollout";
import type { State } from "./types";

/** Does something to the foundation; `expected` is what its state will be then, shown at once. */
export type Run = (work: Promise<unknown>, expected?: Partial<State>) => void;

const loadRunning = () => loadApps(false);

export function FoundationPanel() {
  const { value: state, during } = usePolled(loadState, 1);
  const { value: found, during: duringApps } = usePolled(loadRunning, 1);
  const [problem, setProblem] = useState("");
  const run: Run = useCallback(
    (work, expected) => {
      setProblem("");
      void during(duringApps(work), expected).catch((cause: unknown) => setProblem(reason(cause)));
    },
    [during, duringApps],
  );
  if (!state || !found) return <p className="quiet">Looking at the foundation…</p>;
  const running = found.apps;
  return (
    <>
      <p className="quiet">
        <strong>{state.title}</strong>: {counted(state.counts.apps)} apps, {counted(state.counts.deployments)} deployments
      </p>
      <StartRollout run={run} />
      {problem && (
        <p className="input-error" role="alert">
          {problem}
        </p>
      )}
      <h2>
        Rolling out now <span className="count">{running.length}</span>
      </h2>
      <div className="cards" role="list" aria-label="Running deployments" tabIndex={0}>
        {running.map((app) => (
          <AppCard key={app.rollout?.guid} app={app} run={run} />
        ))}
        {running.length === 0 && <p className="quiet">Nothing at the moment.</p>}
      </div>
      <Pace state={state} run={run} />
      <FaultSwitches faults={state.faults} run={run} />
      <SlackFaults run={run} />
    </>
  );
}

const counted = (count: number) => count.toLocaleString("en-US");
