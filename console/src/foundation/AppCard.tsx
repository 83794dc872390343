// An app with a rollout under way: a live bar of how far it is, a square for each instance.
import { actOn } from "./api";
import type { Run } from "./FoundationPanel";
import type { App, Rollout } from "./types";

export function AppCard({ app, run }: { app: App; run: Run }) {
  const { rollout } = app;
  if (!rollout) return null;
  const share = rollout.desired ? Math.min(1, rollout.ready / rollout.desired) : 0;
  return (
    <div className="card" role="listitem" data-state={rollout.state} data-app={app.name}>
      <p className="card-head">
        <strong>{app.name}</strong>
        <small>
          {app.organization} / {app.space}
        </small>
      </p>
      <div
        className="bar"
        role="progressbar"
        aria-label={`${app.name}: ${words(rollout)}`}
        aria-valuemin={0}
        aria-valuemax={rollout.desired}
        aria-valuenow={rollout.ready}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className="instances" aria-hidden="true">
        {app.processes.flatMap((process) =>
          process.instances.map((state, index) => (
            <i key={`${process.guid}${index}`} data-new={process.new ? "" : undefined} data-state={state} title={`${process.new ? "new" : "old"}: ${state}`} />
          )),
        )}
      </div>
      <p className="card-foot">
        <small>
          {words(rollout)}
          {rollout.error && <em> {rollout.error}</em>}
        </small>
        {rollout.actions.toReversed().map((action) => (
          <button key={action} type="button" className="button small" aria-label={`${action} ${app.name}`} onClick={() => run(actOn(rollout.guid, action))}>
            {action}
          </button>
        ))}
      </p>
    </div>
  );
}

function words({ strategy, state, ready, desired, step, weights }: Rollout): string {
  const steps = weights?.length ? `, step ${step ?? 1} of ${weights.length}` : "";
  return `${strategy}, ${state.toLowerCase()}, ${ready} of ${desired} ready${steps}`;
}
