// Who acts, in which channel, with which thread open: kept in the address, so that Back and a second window work.
import { useCallback, useSyncExternalStore } from "react";

export interface Route {
  person?: string;
  channel?: string;
  thread?: string;
}

function read(): Route {
  const [person, channel, thread] = location.hash.slice(1).split("/").map(decodeURIComponent);
  return { person: person || undefined, channel: channel || undefined, thread: thread || undefined };
}

function write({ person, channel, thread }: Route): string {
  return `#${[person, channel, thread].filter(Boolean).join("/")}`;
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

export function useRoute(): [Route, (route: Route) => void] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const go = useCallback((route: Route) => {
    location.hash = write(route);
  }, []);
  void hash;
  return [read(), go];
}
