// A menu to choose several of: the chosen ones on the button, a list of check marks behind it.
import { useState } from "react";

import { useTeam } from "../slack/people";
import { Popover } from "../ui/Popover";
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { initial, offers } from "./options";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

export function MultiSelect({ block, element, labelledBy }: ElementProps) {
  const { asking, use, entered } = useElement(block, element);
  const [chosen, setChosen] = useState(() => initial(element, entered));
  const all = offers(useTeam(), element);
  const toggle = async (value: string) => {
    const wanted = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    setChosen(wanted);
    if (!(await use(wanted))) setChosen(chosen);
  };
  const label = (labelledBy && plain(block.label)) || plain(element.placeholder) || "Choose";
  const shown = all.filter((offer) => chosen.includes(offer.value)).map((offer) => offer.label);
  return (
    <>
      <Popover
        label={`${label}: ${shown.join(", ") || "nothing chosen"}`}
        className="field multi"
        role="listbox"
        multiple
        button={shown.length ? shown.map((each) => <span key={each} className="chip">{each}</span>) : plain(element.placeholder) || "Choose options"}
      >
        {() =>
          all.map((offer) => (
            <button
              key={offer.value}
              type="button"
              role="option"
              className="menu-item"
              tabIndex={-1}
              aria-selected={chosen.includes(offer.value)}
              onClick={() => void toggle(offer.value)}
            >
              <span className="check">{chosen.includes(offer.value) ? "✓" : ""}</span>
              {offer.label}
            </button>
          ))
        }
      </Popover>
      <Confirm asking={asking} />
    </>
  );
}
