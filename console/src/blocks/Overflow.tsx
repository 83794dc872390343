// The menu behind three dots.
import type { Option } from "../slack/types";
import { Popover } from "../ui/Popover";
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

export function Overflow({ block, element }: ElementProps) {
  const { busy, asking, use } = useElement(block, element);
  const choose = async (option: Option, close: () => void) => {
    close();
    if ((await use(option.value)) && option.url) open(option.url, "_blank", "noreferrer");
  };
  return (
    <>
      <Popover label={element.accessibility_label ?? "More actions"} className="button overflow" role="menu" button={busy ? "…" : "⋯"}>
        {(close) =>
          (element.options ?? []).map((option) => (
            <button key={option.value} type="button" role="menuitem" className="menu-item" tabIndex={-1} onClick={() => void choose(option, close)}>
              <span>{plain(option.text)}</span>
              {option.description && <small>{plain(option.description)}</small>}
            </button>
          ))
        }
      </Popover>
      <Confirm asking={asking} />
    </>
  );
}
