// Something that is asked for again and again while the page is looked at.
import { useCallback, useEffect, useState } from "react";

export function usePolled<T>(load: () => Promise<T>, seconds: number): [T | null, () => void] {
  const [value, setValue] = useState<T | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const look = async () => {
      if (!document.hidden) {
        const found = await load().catch(() => null);
        if (ended) return;
        if (found !== null) setValue(found);
      }
      timer = setTimeout(() => void look(), seconds * 1000);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [load, seconds, round]);
  return [value, useCallback(() => setRound((before) => before + 1), [])];
}
