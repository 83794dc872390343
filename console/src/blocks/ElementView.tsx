// One element by its type; a new initial value makes it a new one.
import type { Block, Element } from "../slack/types";
import { Button } from "./Button";
import { Choices } from "./Choices";
import { DateField } from "./DateField";
import { ExternalSelect } from "./ExternalSelect";
import { MultiSelect } from "./MultiSelect";
import { Overflow } from "./Overflow";
import { Select } from "./Select";
import { TextField } from "./TextField";

export interface ElementProps {
  block: Block;
  element: Element;
  /** The id of the visible label, in an input block. */
  labelledBy?: string;
  describedBy?: string;
  invalid?: boolean;
}

export function ElementView(props: ElementProps) {
  return <Drawn key={JSON.stringify(props.element)} {...props} />;
}

function Drawn(props: ElementProps) {
  const { element } = props;
  switch (element.type) {
    case "button":
    case "workflow_button":
      return <Button {...props} />;
    case "overflow":
      return <Overflow {...props} />;
    case "static_select":
    case "users_select":
    case "channels_select":
    case "conversations_select":
      return <Select {...props} />;
    case "external_select":
      return <ExternalSelect {...props} />;
    case "multi_static_select":
    case "multi_users_select":
    case "multi_channels_select":
    case "multi_conversations_select":
      return <MultiSelect {...props} />;
    case "radio_buttons":
    case "checkboxes":
      return <Choices {...props} />;
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return <DateField {...props} />;
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return <TextField {...props} />;
    case "image":
      return <img className="accessory-image" src={element.image_url} alt={element.alt_text ?? ""} />;
    default:
      return <span className="unknown-element">{element.type} can’t be used here</span>;
  }
}
