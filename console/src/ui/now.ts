// The time of day as something to draw: one timer for all that tick.
import { useSyncExternalStore } from "react";

let now = Math.floor(Date.now() / 1000);
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Math.floor(Date.now() / 1000);
  listeners.forEach((listener) => listener());
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  if (listeners.size === 1) {
    timer = setInterval(tick, 1000);
    tick();
  }
  return () => {
    listeners.delete(changed);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** Seconds since 1970, anew every `every` seconds. */
export function useNow(every = 1): number {
  return useSyncExternalStore(subscribe, () => now - (now % every));
}
