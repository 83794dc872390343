// A modal dialog on the browser's own <dialog>: focus stays inside, Escape cancels.
import { useEffect, useId, useRef, type ReactNode } from "react";

import { Icon } from "./Icon";

interface Props {
  title: ReactNode;
  className?: string;
  onCancel: () => void;
  children: ReactNode;
}

export function Dialog({ title, className = "", onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onCancel();
      }}
    >
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onCancel}>
          <Icon of="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
