// Whether the bot's process runs, and what it says.
import { usePolled } from "../ui/usePolled";
import { loadBot } from "./api";
import type { Bot } from "./types";

export function useBot(): Bot | null {
  return usePolled(loadBot, 2).value;
}
