// The bot's process and its log.
import type { Bot } from "./types";

export function BotLog({ bot }: { bot: Bot | null }) {
  if (!bot) return <p className="quiet">Asking for the bot…</p>;
  return (
    <>
      <p className="quiet">
        <code>deploybot run</code>
        {bot.pid !== null && ` · process ${bot.pid}`} · {bot.state}
        {bot.exit_code !== null && ` with exit code ${bot.exit_code}`}
      </p>
      <pre className="log" tabIndex={0} aria-label="The bot's log">
        {bot.log.join("\n") || "The bot has said nothing yet."}
      </pre>
    </>
  );
}
