// Loads the workspace, follows its changes, and loads what a person sees when one acts as them.
import { useEffect, useReducer, type Dispatch } from "react";

import { follow, loadEntries, loadMessages, loadViews, loadWorkspace } from "./api";
import { EMPTY, next, type Event, type Store } from "./store";
import type { Workspace } from "./types";

export function useWorkspace(person: string | undefined): [Store, Dispatch<Event>] {
  const [store, dispatch] = useReducer(next, EMPTY);
  const { workspace } = store;

  useEffect(() => {
    let end = () => {};
    let gone = false;
    void Promise.all([loadWorkspace(), loadEntries()]).then(([loaded, { entries }]) => {
      if (gone) return;
      dispatch({ kind: "workspace", workspace: loaded, entries });
      end = follow(
        loaded.seq,
        (change) => dispatch({ kind: "change", change }),
        (open) => dispatch({ kind: "open", open }),
      );
    });
    return () => {
      gone = true;
      end();
    };
  }, []);

  const loaded = workspace !== null;
  useEffect(() => {
    if (workspace && person) void loadPerson(workspace, person, dispatch);
    // the channels that there are later on announce themselves
    // eslint-disable-next-line
  }, [loaded, person]);

  return [store, dispatch];
}

async function loadPerson(workspace: Workspace, person: string, dispatch: Dispatch<Event>): Promise<void> {
  const theirs = workspace.channels.filter((channel) => channel.members.includes(person));
  await Promise.all([
    loadViews(person).then(({ views, seq }) => dispatch({ kind: "views", person, views, seq })),
    ...theirs.map(async ({ id: channel }) => {
      const { messages, seq } = await loadMessages(person, channel);
      dispatch({ kind: "messages", person, channel, messages, seq });
    }),
  ]);
}
