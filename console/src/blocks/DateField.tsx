// Dates and times, on the browser's own fields.
import { useState } from "react";

import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

const TYPES: Record<string, string> = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

export function DateField({ block, element, labelledBy, describedBy, invalid }: ElementProps) {
  const { asking, use, entered } = useElement(block, element);
  const given = entered?.selected_date ?? entered?.selected_time ?? entered?.selected_date_time;
  const first = given ?? element.initial_date ?? element.initial_time ?? element.initial_date_time;
  const [value, setValue] = useState(() => (typeof first === "number" ? local(first) : String(first ?? "")));
  const choose = async (wanted: string) => {
    setValue(wanted);
    const moment = element.type === "datetimepicker" && wanted ? Math.floor(new Date(wanted).getTime() / 1000) : wanted;
    if (!(await use(moment || null))) setValue(value);
  };
  return (
    <>
      <input
        className="field"
        type={TYPES[element.type]}
        value={value}
        aria-label={labelledBy ? undefined : plain(element.placeholder) || "Date"}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        onChange={(event) => void choose(event.target.value)}
      />
      <Confirm asking={asking} />
    </>
  );
}

/** Seconds since 1970 as a `datetime-local` field takes them. */
function local(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${date.toLocaleDateString("sv-SE")}T${date.toLocaleTimeString("sv-SE").slice(0, 5)}`;
}
