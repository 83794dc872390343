// Dark or light: the system's choice until the person makes their own.
import { createContext, useEffect, useState, useSyncExternalStore } from "react";

export type Theme = "light" | "dark";
export type Choice = Theme | "auto";

export const ThemeContext = createContext<Theme>("light");

const DARK = matchMedia("(prefers-color-scheme: dark)");

function subscribe(changed: () => void): () => void {
  DARK.addEventListener("change", changed);
  return () => DARK.removeEventListener("change", changed);
}

export function useTheme(): [Theme, Choice, (choice: Choice) => void] {
  const system: Theme = useSyncExternalStore(subscribe, () => DARK.matches) ? "dark" : "light";
  const [choice, setChoice] = useState<Choice>(() => (localStorage.getItem("theme") as Choice | null) ?? "auto");
  const theme = choice === "auto" ? system : choice;
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", choice);
  }, [theme, choice]);
  return [theme, choice, setChoice];
}
