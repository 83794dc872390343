// What to try first: six things to click.
import { loadApps, rollOut } from "../foundation/api";
import type { Person } from "../slack/types";

/** The org that everybody in the public channels may read of, guests included. */
const EVERYBODYS = "acme-retail";

interface Props {
  person: Person;
  brief: boolean;
  onAsk: (text: string) => void;
  onProblem: (problem: unknown) => void;
}

export function Suggestions({ person, brief, onAsk, onProblem }: Props) {
  const watchCanary = async () => {
    try {
      await rollOut({ kind: "canary" });
      onAsk("/deployments state=active");
    } catch (problem) {
      onProblem(problem);
    }
  };
  const beTold = async () => {
    try {
      const { app } = await rollOut({ kind: "failing" });
      const { apps } = await loadApps(false);
      const found = apps.find((each) => each.guid === app);
      if (found) onAsk(`/deployments subscribe app=${found.name} space=${found.space} org=${found.organization} on=all mention=me`);
    } catch (problem) {
      onProblem(problem);
    }
  };
  const watchToItsEnd = async () => {
    try {
      const { apps } = await loadApps(true);
      const found = apps.find((each) => each.rollout === null && each.organization === EVERYBODYS);
      if (!found) throw new Error("Every app is being rolled out: wait until one is done.");
      await rollOut({ kind: "canary", app: found.guid });
      onAsk(`/deployments watch ${found.name} space=${found.space} org=${found.organization}`);
    } catch (problem) {
      onProblem(problem);
    }
  };
  return (
    <section className="suggestions" data-brief={brief ? "" : undefined} aria-label="Things to try">
      <h2>You are {person.name}, and deploybot is listening.</h2>
      <p>
        Slack and Cloud Foundry are simulated on this machine; the bot between them is the real one. Try something:
      </p>
      <div className="suggestion-list">
        <button type="button" onClick={() => onAsk("/deployments")}>
          <strong>/deployments</strong>
          <span>What is being deployed right now, and what was?</span>
        </button>
        <button type="button" onClick={() => onAsk("/deployments state=failed")}>
          <strong>/deployments state=failed</strong>
          <span>What went wrong?</span>
        </button>
        <button type="button" onClick={() => void watchCanary()}>
          <strong>Start a canary, then look</strong>
          <span>Rolls out a new version step by step and asks for what is active.</span>
        </button>
        <button type="button" onClick={() => void beTold()}>
          <strong>Be told of trouble</strong>
          <span>Starts one that will fail and subscribes this channel to its app: watch the thread.</span>
        </button>
        <button type="button" onClick={() => onAsk("/deployments link")}>
          <strong>Act as yourself</strong>
          <span>Links your Cloud Foundry account, so that you can continue and cancel in #checkout and #oncall.</span>
        </button>
        <button type="button" onClick={() => void watchToItsEnd()}>
          <strong>Watch a canary</strong>
          <span>Starts one and follows it in a message, with buttons to continue and cancel.</span>
        </button>
      </div>
    </section>
  );
}
