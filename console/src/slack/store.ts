// What the page knows of the workspace, and how each change alters it; pure.
import type { Change, Connection, Entry, Message, NoticeBody, View, Workspace } from "./types";

const KEPT_CHANGES = 1000;
const KEPT_ENTRIES = 500;

export interface Notice extends NoticeBody {
  seq: number;
  person: string | null;
}

export interface Store {
  workspace: Workspace | null;
  open: boolean;
  messages: Record<string, Record<string, Message>>;
  views: Record<string, View[]>;
  /** Whose view of which channel has been loaded: "person channel". */
  loaded: Record<string, true>;
  notices: Notice[];
  entries: Entry[];
  connections: Connection[];
  /** The last changes, to be applied again on top of an answer that is older than they are. */
  recent: Change[];
}

export const EMPTY: Store = {
  workspace: null,
  open: false,
  messages: {},
  views: {},
  loaded: {},
  notices: [],
  entries: [],
  connections: [],
  recent: [],
};

export type Event =
  | { kind: "workspace"; workspace: Workspace; entries: Entry[] }
  | { kind: "open"; open: boolean }
  | { kind: "change"; change: Change }
  | { kind: "messages"; person: string; channel: string; messages: Message[]; seq: number }
  | { kind: "views"; person: string; views: View[]; seq: number }
  | { kind: "notice"; notice: Notice }
  | { kind: "dismiss"; seq: number };

export function next(store: Store, event: Event): Store {
  switch (event.kind) {
    case "workspace":
      return {
        ...store,
        workspace: event.workspace,
        connections: event.workspace.connections,
        entries: event.entries.slice(-KEPT_ENTRIES),
      };
    case "open":
      return { ...store, open: event.open };
    case "change":
      return { ...applied(store, event.change), recent: [...store.recent, event.change].slice(-KEPT_CHANGES) };
    case "messages":
      return again(withHistory(store, event.person, event.channel, event.messages), event.seq, "message_");
    case "views":
      return again({ ...store, views: { ...store.views, [event.person]: event.views } }, event.seq, "view_");
    case "notice":
      return { ...store, notices: [...store.notices, event.notice] };
    case "dismiss":
      return { ...store, notices: store.notices.filter((notice) => notice.seq !== event.seq) };
  }
}

/** The messages of a channel that a person sees, oldest first. */
export function visible(store: Store, channel: string, person: string): Message[] {
  return Object.values(store.messages[channel] ?? {})
    .filter((message) => message.ephemeral_to === null || message.ephemeral_to === person)
    .sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

export const isReply = (message: Message) => message.thread_ts !== undefined && message.thread_ts !== message.ts;

function again(store: Store, seq: number, kind: string): Store {
  return store.recent.filter((change) => change.seq > seq && change.type.startsWith(kind)).reduce(applied, store);
}

function withHistory(store: Store, person: string, channel: string, messages: Message[]): Store {
  const others = Object.values(store.messages[channel] ?? {}).filter(
    (message) => message.ephemeral_to !== null && message.ephemeral_to !== person,
  );
  const all = Object.fromEntries([...others, ...messages].map((message) => [message.ts, message]));
  const loaded = { ...store.loaded, [`${person} ${channel}`]: true as const };
  return { ...store, loaded, messages: { ...store.messages, [channel]: all } };
}

function applied(store: Store, change: Change): Store {
  switch (change.type) {
    case "message_posted":
    case "message_changed":
      return withMessage(store, change.message);
    case "message_deleted": {
      const { [change.message.ts]: _, ...rest } = store.messages[change.channel] ?? {};
      return { ...store, messages: { ...store.messages, [change.channel]: rest } };
    }
    case "view_opened":
      return withViews(store, change.person, (views) => [...views.filter((view) => view.id !== change.view.id), change.view]);
    case "view_changed":
      return withViews(store, change.person, (views) => views.map((view) => (view.id === change.view.id ? change.view : view)));
    case "view_closed":
      return withViews(store, change.person, (views) => views.filter((view) => view.id !== change.view.id));
    case "channel_changed":
      return withChannel(store, change);
    case "notice":
      return { ...store, notices: [...store.notices, { ...change.notice, seq: change.seq, person: change.person }] };
    case "inspected":
      return { ...store, entries: [...store.entries, change.entry].slice(-KEPT_ENTRIES) };
    case "connections":
      return { ...store, connections: change.connections };
    case "faults":
      return store;
  }
}

/** The message; and its parent's count of replies, which the parent itself isn't told of. */
function withMessage(store: Store, message: Message): Store {
  const channel = { ...store.messages[message.channel], [message.ts]: message };
  const parent = isReply(message) ? channel[message.thread_ts ?? ""] : undefined;
  if (parent && !message.is_ephemeral) channel[parent.ts] = withReplies(parent, channel);
  return { ...store, messages: { ...store.messages, [message.channel]: channel } };
}

function withReplies(parent: Message, channel: Record<string, Message>): Message {
  const replies = Object.values(channel).filter((reply) => isReply(reply) && reply.thread_ts === parent.ts && !reply.is_ephemeral);
  return { ...parent, reply_count: replies.length, reply_users: [...new Set(replies.map((reply) => reply.user))] };
}

function withViews(store: Store, person: string | null, change: (views: View[]) => View[]): Store {
  return person === null ? store : { ...store, views: { ...store.views, [person]: change(store.views[person] ?? []) } };
}

function withChannel(store: Store, change: Change & { type: "channel_changed" }): Store {
  if (!store.workspace) return store;
  const others = store.workspace.channels.filter((channel) => channel.id !== change.channel.id);
  return { ...store, workspace: { ...store.workspace, channels: [...others, change.channel] } };
}
