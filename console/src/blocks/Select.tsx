// A menu to choose one of, on the browser's own: good with keys, screen readers and phones.
import { useState } from "react";

import { useTeam } from "../slack/people";
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { initial, offers, type Offer } from "./options";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

export function Select({ block, element, labelledBy, describedBy, invalid }: ElementProps) {
  const { busy, asking, use, entered } = useElement(block, element);
  const [value, setValue] = useState(() => initial(element, entered)[0] ?? "");
  const all = offers(useTeam(), element);
  const groups = [...new Set(all.map((offer) => offer.group))];
  const choose = async (wanted: string) => {
    const before = value;
    setValue(wanted);
    if (!(await use(wanted || null))) setValue(before);
  };
  return (
    <>
      <select
        className="field"
        value={value}
        aria-label={labelledBy ? undefined : plain(element.placeholder) || "Choose"}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        aria-busy={busy}
        data-action={element.action_id}
        onChange={(event) => void choose(event.target.value)}
      >
        {(value === "" || block.optional) && <option value="">{plain(element.placeholder) || "Choose an option"}</option>}
        {groups.map((group) => {
          const options = all.filter((offer) => offer.group === group).map(entry);
          return group === undefined ? options : <optgroup key={group} label={group}>{options}</optgroup>;
        })}
      </select>
      <Confirm asking={asking} />
    </>
  );
}

function entry({ label, value }: Offer) {
  return (
    <option key={value} value={value}>
      {label}
    </option>
  );
}
