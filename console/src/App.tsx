// The whole page: people and channels, the conversation with its thread, and the panel beside it.
import { useEffect, useMemo, useState } from "react";

import { Conversation } from "./chat/Conversation";
import { Modals } from "./chat/Modals";
import { Notices } from "./chat/Notices";
import { Sidebar } from "./chat/Sidebar";
import { ThreadPane } from "./chat/ThreadPane";
import { useUnread } from "./chat/unread";
import { useBot } from "./foundation/useBot";
import { Panel, type Tab } from "./Panel";
import { useRoute } from "./route";
import { channelsOf, humans, WorkspaceContext } from "./slack/people";
import { visible } from "./slack/store";
import { useWorkspace } from "./slack/useWorkspace";
import { ThemeContext, useTheme } from "./ui/theme";

export function App() {
  const [theme, choice, setChoice] = useTheme();
  const [route, go] = useRoute();
  const [personName, setPersonName] = useState(route.person);
  const [store, dispatch] = useWorkspace(personName);
  const [tab, setTab] = useState<Tab>("foundation");
  const [drawer, setDrawer] = useState<"channels" | "panel" | null>(null);
  const bot = useBot();
  const { workspace } = store;

  const person = workspace && (humans(workspace).find((each) => each.name === route.person) ?? humans(workspace)[0]);
  const channels = useMemo(() => (workspace && person ? channelsOf(workspace, person.id) : []), [workspace, person]);
  const channel = channels.find((each) => each.name === route.channel || each.id === route.channel) ?? channels[0];
  const [unread, markRead] = useUnread(store, person?.id, channel?.id);

  useEffect(() => setPersonName(person?.id), [person?.id]);
  const newest = channel && person ? visible(store, channel.id, person.id).at(-1)?.ts : undefined;
  useEffect(() => markRead(newest), [newest, markRead]);
  useEffect(() => setDrawer(null), [location.hash]);

  const standing = channel !== undefined;
  useEffect(() => {
    if (standing) performance.mark("interactive");
  }, [standing]);

  if (!workspace || !person || !channel) return <p className="loading">Opening the workspace…</p>;
  const messages = visible(store, channel.id, person.id);
  const parent = route.thread ? messages.find((message) => message.ts === route.thread) : undefined;

  return (
    <WorkspaceContext.Provider value={workspace}>
      <ThemeContext.Provider value={theme}>
        <div className="page" data-drawer={drawer ?? undefined} data-thread={parent ? "" : undefined}>
          <Sidebar
            person={person}
            channel={channel}
            channels={channels}
            unread={unread}
            choice={choice}
            onTheme={setChoice}
            onPerson={(name) => go({ person: name })}
            onChannel={(id) => {
              setDrawer(null);
              go({ person: person.name, channel: id });
            }}
          />
          <Conversation
            key={`${person.id} ${channel.id}`}
            person={person}
            channel={channel}
            messages={messages}
            loaded={Boolean(store.loaded[`${person.id} ${channel.id}`])}
            connected={store.connections.length > 0}
            bot={bot}
            onThread={(ts) => go({ person: person.name, channel: route.channel ?? channel.name, thread: ts })}
            onNotice={(text) => dispatch({ kind: "notice", notice: { ...nobody, text, seq: -Date.now(), person: person.id } })}
            onDrawer={(which) => setDrawer(drawer === which ? null : which)}
            onBot={() => setTab("bot")}
          />
          {parent && (
            <ThreadPane
              key={parent.ts}
              person={person}
              parent={parent}
              messages={messages}
              onClose={() => go({ person: person.name, channel: route.channel ?? channel.name })}
            />
          )}
          <Panel tab={tab} onTab={setTab} store={store} bot={bot} onClose={() => setDrawer(null)} />
          {drawer && <button type="button" className="scrim" aria-label="Close" onClick={() => setDrawer(null)} />}
        </div>
        <Modals key={person.id} person={person} views={store.views[person.id] ?? []} />
        <Notices
          notices={store.notices.filter((notice) => notice.person === null || notice.person === person.id)}
          open={store.open}
          onDismiss={(seq) => dispatch({ kind: "dismiss", seq })}
        />
      </ThemeContext.Provider>
    </WorkspaceContext.Provider>
  );
}

const nobody = { error: "page", channel: null, view_id: null };
