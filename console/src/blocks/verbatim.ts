// What the library reads otherwise than Slack, put right. Slack's `verbatim` only keeps text from being linked by itself;
// the library would leave its formatting out as well. It also draws `>=` as `> =`, and takes any two colons for an emoji.
import { isValidElement, type ReactNode } from "react";

/** The value without any `verbatim`, so that the library formats its texts, and with each `>` that quotes nothing. */
export function parsed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/(?<!^)&gt;/gm, ">");
  if (Array.isArray(value)) return value.map(parsed);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "verbatim");
  return Object.fromEntries(kept.map(([key, item]) => [key, parsed(item)]));
}

export function isVerbatim(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => (key === "verbatim" && item === true) || isVerbatim(item));
}

/** The words of what the library has made of a link's text. */
export function words(node: ReactNode): string {
  if (Array.isArray(node)) return node.map((each: ReactNode) => words(each)).join("");
  if (!isValidElement<{ children?: ReactNode; element?: { value?: string } }>(node)) return String(node ?? "");
  return node.props.element?.value ?? words(node.props.children);
}

/** What stands for an emoji: its picture, or the colons as they were written, as in `22:00-07:00`. */
export function emojiOr(name: string, drawn: ReactNode): ReactNode {
  if (name.startsWith(":")) return name;
  return drawn === name ? `:${name}:` : drawn;
}
