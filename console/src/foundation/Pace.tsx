// How fast things happen, and whether other people deploy too.
import { setSpeed, setTraffic } from "./api";
import type { Run } from "./FoundationPanel";
import type { State } from "./types";

const SPEEDS = [1, 2, 5, 10, 30];

export function Pace({ state, run }: { state: State; run: Run }) {
  const speeds = SPEEDS.includes(state.speed) ? SPEEDS : [...SPEEDS, state.speed].sort((a, b) => a - b);
  return (
    <fieldset className="pace">
      <legend>Pace</legend>
      <div className="segments" role="radiogroup" aria-label="Speed of the clock">
        {speeds.map((speed) => (
          <label key={speed}>
            <input type="radio" name="speed" checked={state.speed === speed} onChange={() => run(setSpeed(speed), { speed })} />
            <span>{speed}×</span>
          </label>
        ))}
      </div>
      <label className="switch">
        <input type="checkbox" role="switch" checked={state.traffic} onChange={(event) => run(setTraffic(event.target.checked), { traffic: event.target.checked })} />
        Other people deploy, too
      </label>
    </fieldset>
  );
}
