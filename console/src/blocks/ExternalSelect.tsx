// A menu whose entries the app tells as somebody types: a text field with a list below it.
import { useEffect, useId, useState, type KeyboardEvent } from "react";

import type { Option } from "../slack/types";
import { Confirm } from "./Confirm";
import type { ElementProps } from "./ElementView";
import { useInteraction } from "./interaction";
import { flat, initial } from "./options";
import { plain } from "./PlainText";
import { useElement } from "./useElement";

const PAUSE_MS = 150;
const FEWEST_TYPED = 3;

export function ExternalSelect({ block, element, labelledBy, describedBy, invalid }: ElementProps) {
  const { busy, asking, use, entered } = useElement(block, element);
  const { suggest } = useInteraction();
  const [chosen, setChosen] = useState(() => nameOf(initial(element, entered)[0], element.initial_option));
  const [typed, setTyped] = useState<string | null>(null);
  const [offered, setOffered] = useState<Option[] | null>(null);
  const [active, setActive] = useState(0);
  const list = useId();
  const fewest = element.min_query_length ?? FEWEST_TYPED;

  useEffect(() => {
    setOffered(null);
    setActive(0);
    if (typed === null || typed.length < fewest) return;
    let current = true;
    const ask = async () => {
      const entries = await suggest(block, element, typed).catch(() => []);
      if (current) setOffered(flat(entries));
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [typed, fewest, suggest, block, element]);

  const choose = async (option: Option | null) => {
    const before = chosen;
    setTyped(null);
    setChosen(option ? plain(option.text) : "");
    if (!(await use(option ? option.value : null))) setChosen(before);
  };
  const press = (event: KeyboardEvent) => {
    const last = (offered?.length ?? 0) - 1;
    if (event.key === "ArrowDown") setActive(Math.min(active + 1, last));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Escape" && typed !== null) setTyped(null);
    else if (event.key === "Enter" && typed !== null && offered?.[active]) void choose(offered[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="external" aria-busy={busy}>
      <input
        className="field"
        role="combobox"
        aria-expanded={typed !== null}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={offered?.[active] ? `${list}${active}` : undefined}
        aria-label={labelledBy ? undefined : plain(element.placeholder) || "Choose"}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        data-action={element.action_id}
        placeholder={plain(element.placeholder) || "Choose an option"}
        value={typed ?? chosen}
        onFocus={() => setTyped("")}
        onBlur={() => setTyped(null)}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={press}
      />
      {chosen && typed === null && block.optional && (
        <button type="button" className="button" aria-label="Clear" onClick={() => void choose(null)}>
          ✕
        </button>
      )}
      {typed !== null && (
        <ul id={list} className="offers" role="listbox" aria-labelledby={labelledBy}>
          {offered === null && <li className="quiet">{typed.length < fewest ? `Type ${fewest} letters or more` : "…"}</li>}
          {offered?.length === 0 && <li className="quiet">Nothing found</li>}
          {offered?.map((option, index) => (
            <li
              key={option.value}
              id={`${list}${index}`}
              role="option"
              aria-selected={index === active}
              onMouseDown={(event) => {
                event.preventDefault();
                void choose(option);
              }}
            >
              {plain(option.text)}
            </li>
          ))}
        </ul>
      )}
      <Confirm asking={asking} />
    </div>
  );
}

const nameOf = (value: string | undefined, begun: Option | undefined) =>
  value !== undefined && begun?.value === value ? plain(begun.text) : (value ?? "");
