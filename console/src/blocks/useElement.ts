// The state of one element: busy while the app is asked, and a confirmation before it where the app wants one.
import { useState } from "react";

import type { Block, ConfirmObject, Element } from "../slack/types";
import { dispatches, useInteraction } from "./interaction";

export interface Asking {
  confirm: ConfirmObject;
  answer: (yes: boolean) => void;
}

export function useElement(block: Block, element: Element) {
  const interaction = useInteraction();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);

  const confirmed = (confirm: ConfirmObject) =>
    new Promise<boolean>((resolve) => {
      setAsking({
        confirm,
        answer: (yes) => {
          setAsking(null);
          resolve(yes);
        },
      });
    });

  /** Tells whether it was done; false when the person thought better of it. */
  const use = async (value?: unknown): Promise<boolean> => {
    if (!dispatches(block)) {
      interaction.note(block, element, value);
      return true;
    }
    if (element.confirm && !(await confirmed(element.confirm))) return false;
    setBusy(true);
    try {
      await interaction.act(block, element, value);
    } finally {
      setBusy(false);
    }
    return true;
  };

  const note = (value: unknown) => interaction.note(block, element, value);
  return { busy, asking, use, note, entered: interaction.entered(block, element) };
}
