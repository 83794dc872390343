// What can go wrong with Slack: one failure at a click, so that the bot's patience can be watched.
import { setSlackFaults, setSockets } from "../slack/api";
import type { Run } from "./FoundationPanel";

export function SlackFaults({ run }: { run: Run }) {
  return (
    <fieldset className="faults">
      <legend>Faults of Slack</legend>
      <div className="row">
        <button type="button" className="button small" onClick={() => run(setSockets("cut"))}>
          Cut the socket
        </button>
        <button type="button" className="button small" onClick={() => run(setSockets("disconnect"))}>
          Ask to reconnect
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => run(setSlackFaults([{ kind: "rate_limited", where: "response_url", times: 1, retry_after: 1 }]))}
        >
          429 for the next answer
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => run(setSlackFaults([{ kind: "internal_error", where: "response_url", times: 1 }]))}
        >
          500 for the next answer
        </button>
      </div>
    </fieldset>
  );
}
