// A channel: its head, its messages, what to try at first, and the composer.
import type { Bot } from "../foundation/types";
import { reason } from "../http";
import { sendCommand, sendMessage } from "../slack/api";
import { channelTitle, useTeam } from "../slack/people";
import { isReply } from "../slack/store";
import type { Channel, Message, Person } from "../slack/types";
import { Icon } from "../ui/Icon";
import { BotTrouble } from "./BotTrouble";
import { Composer } from "./Composer";
import { MessageRow } from "./MessageRow";
import { Suggestions } from "./Suggestions";
import { useNewestInSight } from "./useNewestInSight";

interface Props {
  person: Person;
  channel: Channel;
  messages: Message[];
  loaded: boolean;
  connected: boolean;
  bot: Bot | null;
  onThread: (ts: string) => void;
  onNotice: (text: string) => void;
  onDrawer: (which: "channels" | "panel") => void;
  onBot: () => void;
}

export function Conversation({ person, channel, messages, loaded, connected, bot, onThread, onNotice, onDrawer, onBot }: Props) {
  const workspace = useTeam();
  const top = messages.filter((message) => !isReply(message) || message.subtype === "thread_broadcast" || message.is_ephemeral);
  const list = useNewestInSight(top.at(-1)?.ts);

  const send = async (text: string) => {
    try {
      await (text.startsWith("/") ? sendCommand(person.id, channel.id, text) : sendMessage(person.id, channel.id, text));
    } catch (problem) {
      onNotice(told(reason(problem), text));
    }
  };
  const title = channelTitle(workspace, channel);
  return (
    <main className="conversation">
      <header className="head">
        <button type="button" className="icon-button narrow-only" aria-label="Channels and people" onClick={() => onDrawer("channels")}>
          <Icon of="menu" />
        </button>
        <div className="head-text">
          <h1>
            {!channel.is_im && <Icon of={channel.is_private ? "lock" : "hash"} />} {title}
          </h1>
          {channel.topic?.value && <p>{channel.topic.value}</p>}
        </div>
        <span className="bot-state" data-connected={connected ? "" : undefined}>
          {connected ? "bot connected" : "bot not connected"}
        </span>
        <button type="button" className="button panel-button" onClick={() => onDrawer("panel")}>
          Foundation
        </button>
      </header>
      <div className="messages" ref={list} role="log" aria-busy={!loaded} aria-label={`Messages in ${title}`} tabIndex={0}>
        <Suggestions
          person={person}
          brief={top.length > 0}
          onAsk={(text) => void send(text)}
          onProblem={(problem) => onNotice(reason(problem))}
        />
        {top.map((message, index) => (
          <MessageRow key={message.ts} message={message} before={top[index - 1]} person={person} onThread={onThread} />
        ))}
      </div>
      <BotTrouble bot={bot} onLog={onBot} />
      {channel.is_archived ? (
        <p className="closed">This channel is archived.</p>
      ) : (
        <Composer label={`Message ${channel.is_im ? title : `#${title}`} as ${person.name}`} commands={workspace.app.commands} onSend={send} />
      )}
    </main>
  );
}

function told(problem: string, text: string): string {
  return problem === "channel_not_found" ? "This channel isn’t yours to write in." : `${text.split(" ")[0]}: ${problem}`;
}
