// Something that is asked for again and again while the page is looked at.
import { useCallback, useEffect, useState } from "react";

export interface Polled<T> {
  value: T | null;
  /** Do something about it: what it will be is shown at once, and not asked for until it is done. */
  during: (work: Promise<unknown>, expected?: Partial<T>) => Promise<unknown>;
}

export function usePolled<T>(load: () => Promise<T>, seconds: number): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [works, setWorks] = useState(0);

  useEffect(() => {
    if (works > 0) return;
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const look = async () => {
      const found = document.hidden ? null : await load().catch(() => null);
      if (ended) return;
      if (found !== null) setValue(found);
      timer = setTimeout(() => void look(), seconds * 1000);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [load, seconds, works]);

  const during = useCallback((work: Promise<unknown>, expected?: Partial<T>) => {
    setWorks((before) => before + 1);
    if (expected) setValue((before) => before && { ...before, ...expected });
    return work.finally(() => setWorks((before) => before - 1));
  }, []);
  return { value, during };
}
