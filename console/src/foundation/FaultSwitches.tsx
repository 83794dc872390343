// What can go wrong with a foundation, at the flick of a switch.
import { changeFaults, clearFaults, expireTokens } from "./api";
import type { Run } from "./FoundationPanel";
import type { Faults } from "./types";

type Share = Exclude<keyof Faults, "latency_ms" | "outage">;

const SHARES: [Share, string][] = [
  ["rate_limit", "429 Too Many Requests"],
  ["server_error", "500 from the API"],
  ["bad_gateway", "502 HTML from a proxy"],
  ["cut", "Connections break off"],
  ["refused_tokens", "Tokens are refused"],
];
const LATENCIES = [0, 300, 1000, 3000, 10_000];

export function FaultSwitches({ faults, run }: { faults: Faults; run: Run }) {
  const change = (changes: Partial<Faults>) => run(changeFaults(changes), { faults: { ...faults, ...changes } });
  const any = faults.outage || faults.latency_ms > 0 || SHARES.some(([name]) => faults[name] > 0);
  return (
    <fieldset className="faults">
      <legend>Faults of the foundation</legend>
      <label className="switch">
        <input type="checkbox" role="switch" checked={faults.outage} onChange={(event) => change({ outage: event.target.checked })} />
        Outage: nothing answers
      </label>
      {SHARES.map(([name, title]) => (
        <label key={name} className="switch">
          <input type="checkbox" role="switch" checked={faults[name] > 0} onChange={(event) => change({ [name]: event.target.checked ? 1 : 0 })} />
          {title}
        </label>
      ))}
      <label className="latency">
        Latency
        <select className="field" value={faults.latency_ms} onChange={(event) => change({ latency_ms: Number(event.target.value) })}>
          {LATENCIES.map((each) => (
            <option key={each} value={each}>
              {each ? `${each / 1000} s` : "none"}
            </option>
          ))}
        </select>
      </label>
      <div className="row">
        <button type="button" className="button small" onClick={() => run(expireTokens())}>
          Expire all tokens now
        </button>
        <button type="button" className="button small" disabled={!any} onClick={() => run(clearFaults())}>
          All well again
        </button>
      </div>
    </fieldset>
  );
}
