// Radio buttons and check boxes.
import { useId, useState } from "react";

import type { Option } from "../slack/types";
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { initial } from "./options";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

export function Choices({ block, element, labelledBy, describedBy }: ElementProps) {
  const { asking, use, entered } = useElement(block, element);
  const [chosen, setChosen] = useState(() => initial(element, entered));
  const name = useId();
  const many = element.type === "checkboxes";
  const pick = async ({ value }: Option) => {
    const without = chosen.filter((each) => each !== value);
    const wanted = !many ? [value] : without.length < chosen.length ? without : [...chosen, value];
    setChosen(wanted);
    if (!(await use(many ? wanted : value))) setChosen(chosen);
  };
  return (
    <div className="choices" role={many ? "group" : "radiogroup"} aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {(element.options ?? []).map((option) => (
        <label key={option.value} className="choice">
          <input type={many ? "checkbox" : "radio"} name={name} checked={chosen.includes(option.value)} onChange={() => void pick(option)} />
          <span>
            {plain(option.text)}
            {option.description && <small>{plain(option.description)}</small>}
          </span>
        </label>
      ))}
      <Confirm asking={asking} />
    </div>
  );
}
