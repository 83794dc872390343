// Says that the bot's process ended, with its last words; nothing starts it again but the person.
import { useState } from "react";

import { restartBot } from "../foundation/api";
import type { Bot } from "../foundation/types";

export function BotTrouble({ bot, onLog }: { bot: Bot | null; onLog: () => void }) {
  const [busy, setBusy] = useState(false);
  if (bot?.state !== "exited") return null;
  const restart = () => {
    setBusy(true);
    void restartBot().finally(() => setBusy(false));
  };
  return (
    <section className="trouble" role="alert">
      <strong>The bot ended with exit code {bot.exit_code}.</strong> Its last words:
      <pre>{bot.log.slice(-4).join("\n") || "(none)"}</pre>
      <button type="button" className="button" aria-busy={busy} onClick={restart}>
        Start it again
      </button>{" "}
      <button type="button" className="button" onClick={onLog}>
        Whole log
      </button>
    </section>
  );
}
