// A message and the answers to it.
import { sendMessage } from "../slack/api";
import type { Message, Person } from "../slack/types";
import { Composer } from "./Composer";
import { MessageRow } from "./MessageRow";
import { Icon } from "../ui/Icon";

interface Props {
  person: Person;
  parent: Message;
  messages: Message[];
  onClose: () => void;
}

export function ThreadPane({ person, parent, messages, onClose }: Props) {
  const replies = messages.filter((message) => message.thread_ts === parent.ts && message.ts !== parent.ts);
  const send = async (text: string) => {
    await sendMessage(person.id, parent.channel, text, parent.ts);
  };
  return (
    <aside className="thread" aria-label="Thread">
      <header className="head">
        <h1>Thread</h1>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={onClose}>
          <Icon of="close" />
        </button>
      </header>
      <div className="messages">
        <MessageRow message={parent} person={person} />
        {replies.map((message, index) => (
          <MessageRow key={message.ts} message={message} before={replies[index - 1]} person={person} />
        ))}
      </div>
      <Composer label={`Reply as ${person.name}`} commands={[]} onSend={send} />
    </aside>
  );
}
