// The workspace's control endpoints: acting as a person, looking around, the stream of changes.
import { request } from "../http";
import type { Change, Entries, Entry, Message, Told, View, Workspace } from "./types";

const BASE = "/workspace";

export const loadWorkspace = () => request<Workspace>("GET", `${BASE}/workspace`);

export const loadMessages = (person: string, channel: string) =>
  request<{ seq: number; messages: Message[] }>("GET", `${BASE}/messages?${new URLSearchParams({ person, channel })}`);

export const loadViews = (person: string) =>
  request<{ seq: number; views: View[] }>("GET", `${BASE}/views?${new URLSearchParams({ person })}`);

export const loadEntries = () => request<{ entries: Entry[] }>("GET", `${BASE}/inspector?after=0`);

export const sendCommand = (person: string, channel: string, text: string) =>
  request<Told>("POST", `${BASE}/command`, { person, channel, text });

export const sendMessage = (person: string, channel: string, text: string, thread_ts?: string) =>
  request<{ message: Message }>("POST", `${BASE}/message`, { person, channel, text, thread_ts });

/** Where an element is: in a message or in a modal. */
export type Place = { channel: string; ts: string } | { view_id: string };

export const clickElement = (person: string, place: Place, block_id: string, action_id: string, value?: unknown) =>
  request<Told>("POST", `${BASE}/click`, { person, ...place, block_id, action_id, value });

export const loadOptions = async (person: string, place: Place, block_id: string, action_id: string, value: string) =>
  (await request<{ options: Entries }>("POST", `${BASE}/options`, { person, ...place, block_id, action_id, value })).options;

export const submitView = (person: string, view_id: string) =>
  request<Told>("POST", `${BASE}/submit`, { person, view_id });

export const closeView = (person: string, view_id: string) => request("POST", `${BASE}/close`, { person, view_id });

export const setSlackFaults = (faults: unknown[]) => request("POST", `${BASE}/faults`, { faults });

export const setSockets = (action: "cut" | "disconnect" | "dead") => request("POST", `${BASE}/sockets`, { action });

/** Follow the workspace from change `after` on; returns what ends it. It connects again by itself when cut off. */
export function follow(after: number, hear: (change: Change) => void, tell: (open: boolean) => void): () => void {
  let seq = after;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const connect = () => {
    socket = new WebSocket(`ws://${location.host}${BASE}/stream?after=${seq}`);
    socket.onmessage = (event: MessageEvent<string>) => {
      const change = JSON.parse(event.data) as Change | { type: "hello" };
      if (change.type === "hello") return tell(true);
      seq = change.seq;
      hear(change);
    };
    socket.onclose = () => {
      if (ended) return;
      tell(false);
      timer = setTimeout(connect, 1000);
    };
  };
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
}
