// One message: who, when, what; its elements can be used, its thread opened.
import { memo, useMemo } from "react";

import { Blocks } from "../blocks/Blocks";
import { InteractionContext, type Interaction } from "../blocks/interaction";
import { clickElement, loadOptions } from "../slack/api";
import { personOf, useTeam } from "../slack/people";
import type { Block, Message, Person } from "../slack/types";
import { timeOfDay } from "../ui/dates";
import { Icon } from "../ui/Icon";
import { Avatar } from "./Avatar";

const TOGETHER_SECONDS = 300;

interface Props {
  message: Message;
  before?: Message;
  person: Person;
  onThread?: (ts: string) => void;
}

export const MessageRow = memo(function MessageRow({ message, before, person, onThread }: Props) {
  const workspace = useTeam();
  const author = personOf(workspace, message.user);
  const interaction = useMemo(() => elementsOf(message, person), [message, person]);
  const follows = before !== undefined && goesOn(before, message);
  const replies = message.reply_count ?? 0;
  const thread = message.thread_ts ?? message.ts;
  return (
    <article
      className="message"
      data-ts={message.ts}
      data-ephemeral={message.is_ephemeral ? "" : undefined}
      data-follows={follows ? "" : undefined}
      aria-label={`${author?.name ?? "somebody"} at ${timeOfDay(Number(message.ts))}`}
    >
      <div className="gutter">{!follows && <Avatar person={author} large />}</div>
      <div className="message-body">
        {message.is_ephemeral && <p className="only-you"><Icon of="eye" /> Only visible to you</p>}
        {!follows && (
          <p className="byline">
            <strong>{author?.name}</strong>
            {author?.is_bot && <span className="app-badge">APP</span>}
            <time>{timeOfDay(Number(message.ts))}</time>
          </p>
        )}
        <InteractionContext.Provider value={interaction}>
          <Blocks blocks={message.blocks ?? textBlocks(message)} />
        </InteractionContext.Provider>
        {message.edited && <span className="edited">(edited)</span>}
        {onThread && replies > 0 && (
          <button type="button" className="replies" onClick={() => onThread(thread)}>
            {replies} {replies === 1 ? "reply" : "replies"}
          </button>
        )}
        {onThread && !message.is_ephemeral && (
          <button type="button" className="reply-button" aria-label="Reply in thread" onClick={() => onThread(thread)}>
            ↩ Reply
          </button>
        )}
      </div>
    </article>
  );
});

function textBlocks(message: Message): Block[] {
  return [{ type: "section", block_id: "text", text: { type: "mrkdwn", text: message.text } }];
}

function goesOn(before: Message, message: Message): boolean {
  const near = Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS;
  return near && before.user === message.user && !before.is_ephemeral && !message.is_ephemeral;
}

function elementsOf(message: Message, person: Person): Interaction {
  const place = { channel: message.channel, ts: message.ts };
  const act: Interaction["act"] = async (block, element, value) => {
    await clickElement(person.id, place, block.block_id, element.action_id, value).catch(() => undefined);
  };
  return {
    act,
    note: (block, element, value) => void act(block, element, value),
    suggest: (block, element, typed) => loadOptions(person.id, place, block.block_id, element.action_id, typed),
    entered: () => undefined,
  };
}
