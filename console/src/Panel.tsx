// Beside the conversation: the foundation, the payloads that pass, and what the bot says.
import type { KeyboardEvent } from "react";

import { BotLog } from "./foundation/BotLog";
import { FoundationPanel } from "./foundation/FoundationPanel";
import type { Bot } from "./foundation/types";
import { Inspector } from "./inspector/Inspector";
import type { Store } from "./slack/store";
import { Icon } from "./ui/Icon";

export type Tab = "foundation" | "inspector" | "bot";

const TABS: [Tab, string][] = [
  ["foundation", "Foundation"],
  ["inspector", "Inspector"],
  ["bot", "Bot"],
];

interface Props {
  tab: Tab;
  onTab: (tab: Tab) => void;
  store: Store;
  bot: Bot | null;
  onClose: () => void;
}

export function Panel({ tab, onTab, store, bot, onClose }: Props) {
  const step = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const wanted = move && TABS[(TABS.findIndex(([each]) => each === tab) + move + TABS.length) % TABS.length];
    if (!wanted) return;
    onTab(wanted[0]);
    document.getElementById(`tab-${wanted[0]}`)?.focus();
  };
  return (
    <aside className="panel" aria-label="Behind the scenes">
      <div className="tabs">
        <div role="tablist" aria-label="Behind the scenes" onKeyDown={step}>
          {TABS.map(([each, title]) => (
            <button key={each} id={`tab-${each}`} type="button" role="tab" aria-selected={tab === each} tabIndex={tab === each ? 0 : -1} onClick={() => onTab(each)}>
              {title}
            </button>
          ))}
        </div>
        <button type="button" className="icon-button narrow-only" aria-label="Close panel" onClick={onClose}>
          <Icon of="close" />
        </button>
      </div>
      <div className="tab-body" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "foundation" && <FoundationPanel />}
        {tab === "inspector" && <Inspector entries={store.entries} />}
        {tab === "bot" && <BotLog bot={bot} />}
      </div>
    </aside>
  );
}
