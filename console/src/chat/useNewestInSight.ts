// Keeps the newest message in sight: its beginning when it is taller than the window, unless one has scrolled up to read.
import { useLayoutEffect, useRef } from "react";

type Mode = "newest" | "bottom" | "reading";

const NEAR = 60;

export function useNewestInSight(newest: string | undefined) {
  const list = useRef<HTMLDivElement>(null);
  const mode = useRef<Mode>("newest");
  const placed = useRef(0);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (mode.current !== "reading") mode.current = "newest";
    const settle = () => {
      if (mode.current === "reading") return;
      element.scrollTop = mode.current === "newest" ? beginning(element) : element.scrollHeight;
      placed.current = element.scrollTop;
    };
    const scrolled = () => {
      if (Math.abs(element.scrollTop - placed.current) < 2) return;
      const atBottom = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      mode.current = atBottom ? "bottom" : "reading";
    };
    const observer = new ResizeObserver(settle);
    for (const child of [element, ...element.children]) observer.observe(child);
    element.addEventListener("scroll", scrolled);
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [newest]);
  return list;
}

function beginning(element: HTMLElement): number {
  const last = element.lastElementChild;
  if (!(last instanceof HTMLElement)) return 0;
  const top = last.offsetTop - element.offsetTop - 8;
  return last.offsetHeight + 8 > element.clientHeight ? top : element.scrollHeight;
}
