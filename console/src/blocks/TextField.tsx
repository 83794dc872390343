// Text, numbers, addresses: kept until the form is sent, or told at once where the app wants that.
import { useState, type KeyboardEvent } from "react";

import type { ElementProps } from "./ElementView";
import { dispatches } from "./interaction";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

const MODES: Record<string, "email" | "url" | "decimal" | "text"> = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "decimal",
};

export function TextField({ block, element, labelledBy, describedBy, invalid }: ElementProps) {
  const { use, note, entered } = useElement(block, element);
  const [value, setValue] = useState(() => entered?.value ?? element.initial_value ?? "");
  const told = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const change = (wanted: string) => {
    setValue(wanted);
    note(wanted || null);
    if (dispatches(block) && told.includes("on_character_entered")) void use(wanted || null);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !dispatches(block) || !told.includes("on_enter_pressed")) return;
    event.preventDefault();
    void use(value || null);
  };
  const shared = {
    className: "field",
    value,
    placeholder: plain(element.placeholder),
    "aria-labelledby": labelledBy,
    "aria-describedby": describedBy,
    "aria-invalid": invalid,
    "data-action": element.action_id,
    autoFocus: element.focus_on_load,
  };
  return element.multiline ? (
    <textarea {...shared} rows={4} onChange={(event) => change(event.target.value)} />
  ) : (
    <input {...shared} inputMode={MODES[element.type] ?? "text"} autoComplete="off" onChange={(event) => change(event.target.value)} onKeyDown={press} />
  );
}
