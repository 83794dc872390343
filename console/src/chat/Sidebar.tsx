// On the left: the workspace, who one acts as, and their channels.
import { channelTitle, useTeam } from "../slack/people";
import type { Channel, Person } from "../slack/types";
import { Icon, type Shape } from "../ui/Icon";
import type { Choice } from "../ui/theme";
import { PeopleSwitcher } from "./PeopleSwitcher";

const THEMES: [Choice, Shape, string][] = [
  ["light", "sun", "Light"],
  ["auto", "half", "As the system"],
  ["dark", "moon", "Dark"],
];

interface Props {
  person: Person;
  channel: Channel;
  channels: Channel[];
  unread: Record<string, number>;
  choice: Choice;
  onTheme: (choice: Choice) => void;
  onPerson: (name: string) => void;
  onChannel: (id: string) => void;
}

export function Sidebar({ person, channel, channels, unread, choice, onTheme, onPerson, onChannel }: Props) {
  const workspace = useTeam();
  return (
    <nav className="sidebar" aria-label="Workspace">
      <header className="team">
        <strong>{workspace.team.name}</strong>
        <small>a simulated workspace</small>
      </header>
      <PeopleSwitcher person={person} onPerson={onPerson} />
      <h2>Channels</h2>
      <ul className="channels">
        {channels.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              className="channel"
              aria-current={each.id === channel.id ? "page" : undefined}
              data-unread={unread[each.id] ? "" : undefined}
              onClick={() => onChannel(each.is_im ? each.id : each.name)}
            >
              <span aria-hidden="true" className="sign"><Icon of={sign(each)} /></span>
              <span className="channel-name">{channelTitle(workspace, each)}</span>
              {remark(each) && <span className="visually-hidden">, {remark(each)}</span>}
              {each.id !== channel.id && Boolean(unread[each.id]) && (
                <span className="badge" aria-label={`${unread[each.id]} unread`}>
                  {unread[each.id]}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <footer className="themes" role="group" aria-label="Colours">
        {THEMES.map(([value, icon, label]) => (
          <button key={value} type="button" aria-pressed={choice === value} aria-label={label} title={label} onClick={() => onTheme(value)}>
            <Icon of={icon} />
          </button>
        ))}
      </footer>
    </nav>
  );
}

function sign(channel: Channel): Shape {
  if (channel.is_im) return "dot";
  return channel.is_archived ? "box" : channel.is_private ? "lock" : "hash";
}

function remark(channel: Channel): string {
  if (channel.is_im) return "direct messages";
  return channel.is_archived ? "archived" : channel.is_private ? "private" : "";
}
