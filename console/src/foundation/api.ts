// The foundation's control endpoints, and the bot's process.
import { request } from "../http";
import type { App, Bot, Faults, State } from "./types";

const BASE = "/foundation";

export interface Wanted {
  app?: string;
  kind: "rolling" | "canary" | "failing" | "troubled";
}

export const loadState = () => request<State>("GET", `${BASE}/state`);

export const loadApps = (all: boolean) => request<{ apps: App[] }>("GET", `${BASE}/apps${all ? "?all=1" : ""}`);

export const rollOut = (wanted: Wanted) => request<{ deployment: string; app: string }>("POST", `${BASE}/rollouts`, wanted);

export const actOn = (guid: string, action: string) => request("POST", `${BASE}/deployments/${guid}/actions/${action}`, {});

export const setSpeed = (speed: number) => request("PUT", `${BASE}/speed`, { speed });

export const setTraffic = (on: boolean) => request("PUT", `${BASE}/traffic`, { on });

export const changeFaults = (changes: Partial<Faults>) => request<Faults>("PATCH", `${BASE}/faults`, changes);

export const clearFaults = () => request("DELETE", `${BASE}/faults`);

export const expireTokens = () => request("POST", `${BASE}/tokens/expire`);

export const loadBot = () => request<Bot>("GET", "/bot");

export const restartBot = () => request<Bot>("POST", "/bot/start", {});
