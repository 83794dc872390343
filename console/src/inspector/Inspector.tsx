// Every payload that passes between Slack and the bot, both ways, for people who write bots.
import { memo, useMemo, useState } from "react";

import type { Entry } from "../slack/types";

const SHOWN = 200;

export function Inspector({ entries }: { entries: Entry[] }) {
  const [wanted, setWanted] = useState("");
  const shown = useMemo(() => entries.filter((entry) => matches(entry, wanted)).toReversed().slice(0, SHOWN), [entries, wanted]);
  return (
    <>
      <p className="quiet">What Slack and the bot say to each other, newest first. Tokens are masked.</p>
      <input className="field" type="search" aria-label="Filter payloads" placeholder="Filter: a method, an action, a word…" value={wanted} onChange={(event) => setWanted(event.target.value)} />
      <ol className="entries" aria-label="Payloads">
        {shown.map((entry) => (
          <EntryRow key={entry.number} entry={entry} />
        ))}
      </ol>
      {shown.length === 0 && <p className="quiet">Nothing has passed yet.</p>}
    </>
  );
}

const EntryRow = memo(function EntryRow({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  const inwards = entry.direction === "to_bot";
  return (
    <li className="entry" data-direction={entry.direction}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="arrow" role="img" aria-label={inwards ? "to the bot" : "from the bot"}>
            {inwards ? "→" : "←"}
          </span>
          <strong title={entry.what}>{title(entry)}</strong> <small>{entry.via.replace("_", " ")}</small>
          <time>{new Date(entry.at * 1000).toLocaleTimeString("en-GB")}</time>
          {entry.warnings.length > 0 && <span className="warn">{entry.warnings.length} ⚠</span>}
        </summary>
        {open && <Contents entry={entry} />}
      </details>
    </li>
  );
});

function Contents({ entry }: { entry: Entry }) {
  return (
    <>
      {entry.warnings.map((warning) => (
        <p key={warning} className="warn">
          {warning}
        </p>
      ))}
      <Json title="payload" value={entry.payload} />
      {entry.answer !== null && <Json title="answer" value={entry.answer} />}
    </>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="json">
      <p>
        {title}
        <button type="button" className="button small" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </button>
      </p>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

/** The last word of what was called; of a response_url, whose it is. */
function title({ what, via }: Entry): string {
  return via === "response_url" ? `answer to ${what.startsWith("/commands") ? "a command" : "a click"}` : what;
}

function matches(entry: Entry, wanted: string): boolean {
  const words = wanted.trim().toLowerCase();
  return !words || `${entry.what} ${entry.via} ${JSON.stringify(entry.payload)}`.toLowerCase().includes(words);
}
