// The confirmation that an app wants before an element does anything.
import { Dialog } from "../ui/Dialog";
import { PlainText } from "./PlainText";
import { Passive } from "./Passive";
import type { Asking } from "./useElement";

export function Confirm({ asking }: { asking: Asking | null }) {
  if (!asking) return null;
  const { confirm, answer } = asking;
  return (
    <Dialog title={<PlainText of={confirm.title} />} className="confirm" onCancel={() => answer(false)}>
      <div className="dialog-body">
        <Passive blocks={[{ type: "section", block_id: "confirm", text: confirm.text }]} />
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={() => answer(false)}>
          <PlainText of={confirm.deny} />
        </button>
        <button
          type="button"
          className={`button ${confirm.style === "danger" ? "danger" : "primary"}`}
          autoFocus
          onClick={() => answer(true)}
        >
          <PlainText of={confirm.confirm} />
        </button>
      </footer>
    </Dialog>
  );
}
