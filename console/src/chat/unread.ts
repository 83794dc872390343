// How many messages of each channel a person has not seen yet; remembered across reloads.
import { useCallback, useMemo, useState } from "react";

import { visible, type Store } from "../slack/store";

type Read = Record<string, string>;

export function useUnread(store: Store, person: string | undefined, channel: string | undefined) {
  const [read, setRead] = useState<Read>(() => JSON.parse(localStorage.getItem("read") ?? "{}") as Read);
  const mark = useCallback(
    (ts: string | undefined) => {
      if (!ts || !person || !channel) return;
      setRead((before) => {
        const after = { ...before, [`${person} ${channel}`]: ts };
        localStorage.setItem("read", JSON.stringify(after));
        return after;
      });
    },
    [person, channel],
  );
  const counts = useMemo(() => count(store, person, read), [store, person, read]);
  return [counts, mark] as const;
}

function count(store: Store, person: string | undefined, read: Read): Record<string, number> {
  if (!person) return {};
  const channels = Object.keys(store.messages);
  return Object.fromEntries(
    channels.map((channel) => {
      const seen = read[`${person} ${channel}`] ?? "";
      return [channel, visible(store, channel, person).filter(({ ts, user }) => ts > seen && user !== person).length];
    }),
  );
}
