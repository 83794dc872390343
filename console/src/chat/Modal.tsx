// One modal: its blocks, what was entered in them, sending and closing.
import { useMemo, useRef, useState, type FormEvent } from "react";

import { Blocks } from "../blocks/Blocks";
import { InteractionContext, type Interaction } from "../blocks/interaction";
import { plain } from "../blocks/PlainText";
import { clickElement, closeView, submitView } from "../slack/api";
import type { Person, View } from "../slack/types";
import { Dialog } from "../ui/Dialog";

type Send = () => Promise<unknown>;

export function Modal({ person, view, below }: { person: Person; view: View; below: number }) {
  const [busy, setBusy] = useState(false);
  const unsent = useRef(new Map<string, Send>());
  const values = useRef(view.state.values);
  values.current = view.state.values;
  const interaction = useMemo(() => elementsOf(person, view.id, unsent.current, values), [person, view.id]);

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

function elementsOf(person: Person, view_id: string, unsent: Map<string, Send>, values: { current: View["state"]["values"] }): Interaction {
  const click: Interaction["act"] = async (block, element, value) => {
    await clickElement(person.id, { view_id }, block.block_id, element.action_id, value);
  };
  return {
    act: async (block, element, value) => {
      await sendAll(unsent);
      await click(block, element, value).catch(() => undefined);
    },
    note: (block, element, value) => unsent.set(`${block.block_id} ${element.action_id}`, () => click(block, element, value)),
    entered: (block, element) => values.current[block.block_id]?.[element.action_id],
  };
}

/** What was entered, told before the app hears of anything else. */
async function sendAll(unsent: Map<string, Send>): Promise<void> {
  for (const [key, send] of [...unsent]) {
    unsent.delete(key);
    await send();
  }
}
