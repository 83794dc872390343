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

const ALL = () => loadApps(true);

export function FoundationPanel() {
  const [state, askState] = usePolled(loadState, 1);
  const [found, askApps] = usePolled(ALL, 1);
  const [problem, setProblem] = useState("");
  const run = useCallback(
    (work: Promise<unknown>) => {
      setProblem("");
      void work
        .catch((cause: unknown) => setProblem(reason(cause)))
        .finally(() => {
          askState();
          askApps();
        });
    },
    [askState, askApps],
  );
  if (!state || !found) return <p className="quiet">Looking at the foundation…</p>;
  const running = found.apps.filter((app) => app.rollout);
  return (
    <>
      <p className="quiet">
        <strong>{state.title}</strong>: {state.counts.apps.toLocaleString("en-US")} apps, {state.counts.deployments.toLocaleString("en-US")} deployments
      </p>
      <StartRollout apps={found.apps} run={run} />
      {problem && <p className="input-error" role="alert">{problem}</p>}
      <h2>
        Rolling out now <span className="count">{running.length}</span>
      </h2>
      <div className="cards" role="list" aria-label="Running deployments">
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
