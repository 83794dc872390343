// How people, the bot and channels are named and coloured.
import { createContext, useContext } from "react";

import type { Channel, Person, Workspace } from "./types";

const HUES = [262, 152, 22, 200, 330, 84];

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useTeam(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("there is no workspace yet");
  return workspace;
}

export function hue(person: Person): number {
  const sum = [...person.name].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return HUES[sum % HUES.length] ?? 0;
}

export function initials(person: Person): string {
  return person.real_name
    .split(" ")
    .map((word) => word[0]?.toUpperCase())
    .join("")
    .slice(0, 2);
}

export const personOf = (workspace: Workspace, id: string) => workspace.people.find((person) => person.id === id);

export const humans = (workspace: Workspace) => workspace.people.filter((person) => !person.is_bot);

export function channelsOf(workspace: Workspace, person: string): Channel[] {
  const theirs = workspace.channels.filter((channel) => channel.members.includes(person));
  return [...theirs.filter((channel) => !channel.is_im), ...theirs.filter((channel) => channel.is_im)];
}

export function channelTitle(workspace: Workspace, channel: Channel): string {
  return channel.is_im ? workspace.app.name : channel.name;
}
