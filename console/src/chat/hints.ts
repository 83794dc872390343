// What the composer suggests for what has been typed so far; pure.
import type { Command } from "../slack/types";

export interface Hint {
  insert: string;
  usage: string;
  about: string;
}

export function hintsFor(text: string, commands: Command[], names: string[]): Hint[] {
  if (text.startsWith("/") && !text.includes(" ")) {
    return commands
      .filter((known) => known.command.startsWith(text))
      .map((known) => ({ insert: `${known.command} `, usage: known.usage_hint, about: known.description }));
  }
  const begun = /(?:^|\s)@([\w.-]*)$/.exec(text)?.[1];
  if (begun === undefined) return [];
  return names.filter((name) => name.startsWith(begun)).map((name) => ({ insert: `@${name} `, usage: "", about: "" }));
}

/** The text with its last, unfinished word replaced. */
export function withHint(text: string, hint: Hint): string {
  return text.replace(/\S*$/, () => hint.insert);
}
