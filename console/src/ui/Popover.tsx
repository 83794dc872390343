// A menu or list that opens beside its button: in the top layer, closed by Escape or a click elsewhere.
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

interface Props {
  label: string;
  className: string;
  role: "menu" | "listbox";
  button: ReactNode;
  multiple?: boolean;
  disabled?: boolean;
  children: (close: () => void) => ReactNode;
}

export function Popover({ label, className, role, button, multiple, disabled, children }: Props) {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => {
    layer.current?.hidePopover();
    opener.current?.focus();
  };
  const opened = (isOpen: boolean) => {
    setOpen(isOpen);
    if (isOpen) requestAnimationFrame(() => place(opener.current, layer.current));
  };
  return (
    <>
      <button
        ref={opener}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup={role}
        aria-expanded={open}
        disabled={disabled}
        popoverTarget={id}
      >
        {button}
      </button>
      <div
        ref={layer}
        id={id}
        popover="auto"
        className="popover"
        role={role}
        aria-label={label}
        aria-multiselectable={multiple}
        onToggle={(event) => opened((event.nativeEvent as ToggleEvent).newState === "open")}
        onKeyDown={walk}
      >
        {open && children(close)}
      </div>
    </>
  );
}

/** Below the button, or above where there is no room; the first entry gets the focus. */
function place(opener: HTMLElement | null, layer: HTMLElement | null): void {
  if (!opener || !layer) return;
  const from = opener.getBoundingClientRect();
  const { width, height } = layer.getBoundingClientRect();
  const below = from.bottom + height + 8 < innerHeight;
  layer.style.left = `${Math.max(8, Math.min(from.left, innerWidth - width - 8))}px`;
  layer.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - height - 4)}px`;
  items(layer)[0]?.focus();
}

const items = (layer: HTMLElement) => [...layer.querySelectorAll<HTMLElement>("[role=menuitem], [role=option]")];

function walk(event: KeyboardEvent<HTMLElement>): void {
  const all = items(event.currentTarget);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  const wanted = to[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  all[(wanted + all.length) % all.length]?.focus();
}
