// One modal: its blocks, what was entered in them, sending and closing.
import { useMemo, useRef, useState, type FormEvent } from "react";

import { Blocks } from "../blocks/Blocks";
import { InteractionContext, type Interaction } from "../blocks/interaction";
import { plain } from "../blocks/PlainText";
import { clickElement, closeView, loadOptions, submitView } from "../slack/api";
import type { Block, Element, Entered, Person, View } from "../slack/types";
import { Dialog } from "../ui/Dialog";

type Send = () => Promise<unknown>;

interface Props {
  person: Person;
  view: View;
  /** How many modals wait under this one. */
  below: number;
  /** What was entered in all modals, as one that another one covers is drawn anew when that goes. */
  remembered: Map<string, Entered>;
}

export function Modal({ person, view, below, remembered }: Props) {
  const [busy, setBusy] = useState(false);
  const unsent = useRef(new Map<string, Send>());
  const values = useRef(view.state.values);
  values.current = view.state.values;
  const interaction = useMemo(() => elementsOf(person, view.id, unsent.current, remembered, values), [person, view.id, remembered]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await sendAll(unsent.current);
      await submitView(person.id, view.id);
    } finally {
      setBusy(false);
    }
  };
  const close = () => void closeView(person.id, view.id).catch(() => undefined);
  return (
    <Dialog title={plain(view.title)} className="modal" onCancel={close}>
      <form className="modal-form" noValidate onSubmit={(event) => void submit(event)}>
        <div className="dialog-body">
          <InteractionContext.Provider value={interaction}>
            <Blocks blocks={view.blocks} errors={view.errors} />
          </InteractionContext.Provider>
        </div>
        <footer className="dialog-foot">
          {below > 0 && <small className="below">{below} more below</small>}
          <button type="button" className="button" onClick={close}>
            {plain(view.close) || (below > 0 ? "Back" : "Close")}
          </button>
          {view.submit && (
            <button type="submit" className="button primary" aria-busy={busy}>
              {plain(view.submit)}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

function elementsOf(
  person: Person,
  view_id: string,
  unsent: Map<string, Send>,
  remembered: Map<string, Entered>,
  values: { current: View["state"]["values"] },
): Interaction {
  const key = (block: Block, element: Element) => `${view_id} ${block.block_id} ${element.action_id}`;
  const click: Interaction["act"] = async (block, element, value) => {
    await clickElement(person.id, { view_id }, block.block_id, element.action_id, value);
  };
  return {
    act: async (block, element, value) => {
      remembered.set(key(block, element), asEntered(element, value));
      await sendAll(unsent);
      await click(block, element, value).catch(() => undefined);
    },
    note: (block, element, value) => {
      remembered.set(key(block, element), asEntered(element, value));
      unsent.set(key(block, element), () => click(block, element, value));
    },
    suggest: (block, element, typed) => loadOptions(person.id, { view_id }, block.block_id, element.action_id, typed),
    entered: (block, element) =>
      remembered.get(key(block, element)) ?? values.current[block.block_id]?.[element.action_id],
  };
}

/** As `state.values` would hold it, whatever the kind of element. */
function asEntered({ type }: Element, value: unknown): Entered {
  return { type, value: typeof value === "string" ? value : null, selected_date: value, selected_value: value };
}

/** What was entered, told before the app hears of anything else. */
async function sendAll(unsent: Map<string, Send>): Promise<void> {
  for (const [key, send] of [...unsent]) {
    unsent.delete(key);
    await send();
  }
}
