// Slack's date tokens: {date}, {time}, {ago} and their relatives, in the reader's own zone.

const DAY = 86_400;
const CLOCKS_DIFFER = 3;

/** `https://docs.slack.dev/messaging/formatting-message-text#date-formatting`: the text for `format` at `now`. */
export function formatted(format: string, seconds: number, now: number): string {
  const date = new Date(seconds * 1000);
  const pretty = (options: Intl.DateTimeFormatOptions) => dayWord(seconds, now) ?? text(date, options);
  const tokens: Record<string, () => string> = {
    date_num: () => date.toLocaleDateString("sv-SE"),
    date: () => text(date, { month: "long", day: "numeric", year: "numeric" }),
    date_short: () => text(date, { month: "short", day: "numeric", year: "numeric" }),
    date_long: () => text(date, { weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    date_pretty: () => pretty({ month: "long", day: "numeric", year: "numeric" }),
    date_short_pretty: () => pretty({ month: "short", day: "numeric", year: "numeric" }),
    date_long_pretty: () => pretty({ weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    time: () => clock(date, { hour: "2-digit", minute: "2-digit" }),
    time_secs: () => clock(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(now - seconds),
  };
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => tokens[token]?.() ?? whole);
}

export function ago(seconds: number): string {
  const past = seconds > -CLOCKS_DIFFER ? Math.max(0, seconds) : seconds;
  const [amount, unit] = span(Math.abs(past));
  const words = `${amount} ${unit}${amount === 1 ? "" : "s"}`;
  return past < 0 ? `in ${words}` : `${words} ago`;
}

export const timeOfDay = (seconds: number) => clock(new Date(seconds * 1000), { hour: "2-digit", minute: "2-digit" });

function span(seconds: number): [number, string] {
  if (seconds < 60) return [Math.floor(seconds), "second"];
  if (seconds < 3600) return [Math.floor(seconds / 60), "minute"];
  if (seconds < DAY) return [Math.floor(seconds / 3600), "hour"];
  return [Math.floor(seconds / DAY), "day"];
}

function dayWord(seconds: number, now: number): string | undefined {
  const days = Math.round((midnight(seconds) - midnight(now)) / DAY);
  return { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" }[days];
}

function midnight(seconds: number): number {
  return new Date(seconds * 1000).setHours(0, 0, 0, 0) / 1000;
}

const text = (date: Date, options: Intl.DateTimeFormatOptions) => date.toLocaleDateString("en-US", options);

const clock = (date: Date, options: Intl.DateTimeFormatOptions) =>
  date.toLocaleTimeString("en-GB", { ...options, hour12: false });
