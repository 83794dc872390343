// A button: primary or dangerous, with a link or without.
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

export function Button({ block, element }: ElementProps) {
  const { busy, asking, use } = useElement(block, element);
  const press = async () => {
    if ((await use()) && element.url) open(element.url, "_blank", "noreferrer");
  };
  return (
    <>
      <button
        type="button"
        className={`button ${element.style ?? ""}`}
        aria-label={element.accessibility_label}
        aria-busy={busy}
        data-action={element.action_id}
        onClick={() => void press()}
      >
        {plain(element.text)}
      </button>
      <Confirm asking={asking} />
    </>
  );
}
