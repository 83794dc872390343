// How an element of a message or a modal tells what was done with it; given by whatever holds the blocks.
import { createContext, useContext } from "react";

import type { Block, Element, Entered, Entries } from "../slack/types";

export interface Interaction {
  /** Use the element: the app hears of it. */
  act: (block: Block, element: Element, value?: unknown) => Promise<void>;
  /** Keep what was entered until the form is sent. */
  note: (block: Block, element: Element, value: unknown) => void;
  /** What the app offers in a menu of its own for what was typed there. */
  suggest: (block: Block, element: Element, typed: string) => Promise<Entries>;
  entered: (block: Block, element: Element) => Entered | undefined;
}

export const InteractionContext = createContext<Interaction | null>(null);

export function useInteraction(): Interaction {
  const interaction = useContext(InteractionContext);
  if (!interaction) throw new Error("an element needs something that holds it");
  return interaction;
}

/** Whether using the element is told at once: inside an input block only when that asks for it. */
export const dispatches = (block: Block) => block.type !== "input" || block.dispatch_action === true;
