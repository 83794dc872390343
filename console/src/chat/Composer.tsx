// Where one types: Enter sends, slash commands and names are completed, Arrow-up brings back what was sent before.
import { useId, useRef, useState, type KeyboardEvent } from "react";

import { humans, useTeam } from "../slack/people";
import type { Command } from "../slack/types";
import { Icon } from "../ui/Icon";
import { hintsFor, withHint, type Hint } from "./hints";

interface Props {
  label: string;
  commands: Command[];
  onSend: (text: string) => Promise<void>;
}

export function Composer({ label, commands, onSend }: Props) {
  const workspace = useTeam();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);
  const [busy, setBusy] = useState(false);
  const sent = useRef<string[]>([]);
  const list = useId();

  const names = [workspace.app.name, ...humans(workspace).map((person) => person.name)];
  const hints = closed ? [] : hintsFor(text, commands, names);
  const usage = commands.find((known) => text.startsWith(`${known.command} `));

  const change = (wanted: string) => {
    setText(wanted);
    setAt(0);
    setClosed(false);
  };
  const send = async () => {
    const wanted = text.trim();
    if (!wanted) return;
    sent.current.push(wanted);
    change("");
    setBusy(true);
    await onSend(wanted).finally(() => setBusy(false));
  };
  const take = (hint: Hint) => change(withHint(text, hint));
  const press = (event: KeyboardEvent) => {
    const hint = hints[at];
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.nativeEvent.isComposing) return;
    if (hint && move) setAt((at + move + hints.length) % hints.length);
    else if (hint && (event.key === "Tab" || (event.key === "Enter" && hint.insert.trim() !== text.trim()))) take(hint);
    else if (event.key === "Escape" && hints.length) setClosed(true);
    else if (event.key === "ArrowUp" && !text && sent.current.length) change(sent.current.at(-1) ?? "");
    else if (event.key === "Enter" && !event.shiftKey) void send();
    else return;
    event.preventDefault();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {hints.length > 0 && (
        <ul className="hints" id={list} role="listbox" aria-label="Suggestions">
          {hints.map((hint, index) => (
            <li key={hint.insert} id={`${list}${index}`} role="option" aria-selected={index === at} onMouseDown={(event) => event.preventDefault()} onClick={() => take(hint)}>
              <strong>{hint.insert.trim()}</strong> <code>{hint.usage}</code>
              <small>{hint.about}</small>
            </li>
          ))}
        </ul>
      )}
      {usage && (
        <p className="usage">
          <code>
            {usage.command} {usage.usage_hint}
          </code>{" "}
          {usage.description}
        </p>
      )}
      <div className="composer-row">
        <textarea
          rows={1}
          value={text}
          aria-label={label}
          placeholder={label}
          aria-controls={hints.length ? list : undefined}
          aria-activedescendant={hints.length ? `${list}${at}` : undefined}
          aria-busy={busy}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => change(event.target.value)}
          onKeyDown={press}
        />
        <button type="submit" className="send" aria-label="Send" disabled={!text.trim()}>
          <Icon of="send" />
        </button>
      </div>
    </form>
  );
}
