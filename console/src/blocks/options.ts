// What a select offers, and what it begins with: options of its own, people, or channels.
import { channelTitle, humans } from "../slack/people";
import type { Element, Entered, Entries, Option, Workspace } from "../slack/types";

export interface Offer {
  label: string;
  value: string;
  group?: string;
}

export function offers(workspace: Workspace, element: Element): Offer[] {
  if (element.type.includes("users")) return humans(workspace).map((person) => ({ label: person.real_name, value: person.id }));
  if (!element.type.includes("static")) {
    const open = workspace.channels.filter((channel) => !channel.is_im);
    return open.map((channel) => ({ label: `#${channelTitle(workspace, channel)}`, value: channel.id }));
  }
  const groups = element.option_groups ?? [];
  return [
    ...(element.options ?? []).map((option) => offer(option)),
    ...groups.flatMap((group) => group.options.map((option) => offer(option, group.label.text))),
  ];
}

/** The options of a menu's entries, which may come in groups. */
export const flat = (entries: Entries): Option[] =>
  entries.flatMap((entry) => ("options" in entry ? entry.options : [entry]));

function offer(option: Option, group?: string): Offer {
  return { label: option.text.text, value: option.value, group };
}

/** The values that are chosen at first, as entered before or else as the app says. */
export function initial(element: Element, entered: Entered | undefined): string[] {
  const given = entered ?? initialOf(element);
  const value = given.selected_options ?? given.selected_option ?? Object.entries(given).find(([key]) => key.startsWith("selected_"))?.[1];
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((each: unknown) => (typeof each === "string" ? [each] : isOption(each) ? [each.value] : []));
}

const isOption = (value: unknown): value is Option => typeof value === "object" && value !== null && "value" in value;

function initialOf(element: Element): Record<string, unknown> {
  return {
    selected_initial:
      element.initial_options ??
      element.initial_option ??
      element.initial_users ??
      element.initial_user ??
      element.initial_channels ??
      element.initial_channel ??
      element.initial_conversations ??
      element.initial_conversation,
  };
}
