// What the workspace's control endpoints answer, as far as the page looks at it.

export interface Person {
  id: string;
  name: string;
  real_name: string;
  team_id: string;
  tz: string;
  is_bot: boolean;
  is_admin: boolean;
  is_restricted: boolean;
  is_stranger: boolean;
}

export interface Channel {
  id: string;
  name: string;
  members: string[];
  is_im: boolean;
  is_private: boolean;
  is_archived: boolean;
  is_ext_shared?: boolean;
  is_member: boolean;
  topic?: { value: string };
}

export interface Command {
  command: string;
  description: string;
  usage_hint: string;
}

export interface Group {
  id: string;
  name: string;
  handle: string;
}

export interface Workspace {
  seq: number;
  team: { id: string; name: string; domain: string };
  people: Person[];
  channels: Channel[];
  groups: Group[];
  app: { id: string; name: string; bot_id: string; bot_user_id: string; commands: Command[] };
  request_url: string | null;
  connections: Connection[];
}

export interface Connection {
  [fact: string]: unknown;
}

export interface Text {
  type: "plain_text" | "mrkdwn";
  text: string;
  emoji?: boolean;
}

export interface Option {
  text: Text;
  value: string;
  description?: Text;
  url?: string;
}

export interface OptionGroup {
  label: Text;
  options: Option[];
}

export type Entries = (Option | OptionGroup)[];

export interface ConfirmObject {
  title: Text;
  text: Text;
  confirm: Text;
  deny: Text;
  style?: string;
}

/** An interactive element; which of the fields it has depends on its type. */
export interface Element {
  type: string;
  action_id: string;
  text?: Text;
  value?: string;
  url?: string;
  style?: string;
  accessibility_label?: string;
  placeholder?: Text;
  confirm?: ConfirmObject;
  options?: Option[];
  option_groups?: OptionGroup[];
  initial_option?: Option;
  initial_options?: Option[];
  initial_value?: string;
  initial_user?: string;
  initial_users?: string[];
  initial_channel?: string;
  initial_channels?: string[];
  initial_conversation?: string;
  initial_conversations?: string[];
  initial_date?: string;
  initial_time?: string;
  initial_date_time?: number;
  max_selected_items?: number;
  min_query_length?: number;
  multiline?: boolean;
  max_length?: number;
  min_length?: number;
  is_decimal_allowed?: boolean;
  dispatch_action_config?: { trigger_actions_on?: string[] };
  focus_on_load?: boolean;
  image_url?: string;
  alt_text?: string;
}

export interface Block {
  type: string;
  block_id: string;
  text?: Text;
  label?: Text;
  hint?: Text;
  optional?: boolean;
  dispatch_action?: boolean;
  element?: Element;
  accessory?: Element;
  elements?: Element[];
  actions?: Element[];
  child_blocks?: Block[];
  title?: Text;
  subtitle?: Text;
}

export interface Message {
  ts: string;
  user: string;
  channel: string;
  text: string;
  blocks?: Block[];
  bot_id?: string;
  edited?: { ts: string };
  thread_ts?: string;
  subtype?: string;
  reply_count?: number;
  reply_users?: string[];
  latest_reply?: string;
  is_ephemeral: boolean;
  ephemeral_to: string | null;
}

export interface View {
  id: string;
  type: string;
  title: Text;
  submit: Text | null;
  close: Text | null;
  blocks: Block[];
  previous_view_id: string | null;
  hash: string;
  errors: Record<string, string>;
  state: { values: Record<string, Record<string, Entered>> };
}

/** What a person entered in an element, as `state.values` holds it. */
export interface Entered {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  [key: string]: unknown;
}

export interface Entry {
  number: number;
  at: number;
  direction: "to_bot" | "from_bot";
  via: string;
  what: string;
  payload: unknown;
  answer: unknown;
  warnings: string[];
}

export interface NoticeBody {
  error: string;
  text: string;
  channel: string | null;
  view_id: string | null;
}

export interface Fault {
  kind: string;
  where: string;
  times: number | null;
}

interface Numbered {
  seq: number;
  person: string | null;
}

export type Change = Numbered &
  (
    | { type: "message_posted" | "message_changed" | "message_deleted"; channel: string; message: Message }
    | { type: "view_opened" | "view_changed" | "view_closed"; view: View }
    | { type: "channel_changed"; channel: Channel }
    | { type: "notice"; notice: NoticeBody }
    | { type: "inspected"; entry: Entry }
    | { type: "connections"; connections: Connection[] }
    | { type: "faults"; faults: Fault[] }
  );

/** How the app took what a person did. */
export interface Told {
  sent: boolean;
  acknowledged: boolean;
  failure: string | null;
  errors?: Record<string, string>;
}
