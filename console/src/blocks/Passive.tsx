// Blocks that nobody can click on, drawn by slack-blocks-to-jsx; loaded when the page already stands.
import { lazy, memo, Suspense, useContext, useMemo } from "react";
import type { Block as LibraryBlock, MessageProps } from "slack-blocks-to-jsx";

import { useTeam } from "../slack/people";
import type { Block } from "../slack/types";
import { ThemeContext } from "../ui/theme";
import { SlackDate } from "./SlackDate";
import { emojiOr, isVerbatim, parsed, words } from "./verbatim";

const load = () => import("./library");
const Drawn = lazy(load);
globalThis.requestIdleCallback?.(() => void load());

const HOOKS: MessageProps["hooks"] = {
  date: ({ timestamp, format, link, fallback }) => (
    <SlackDate seconds={Number(timestamp)} format={format} link={link ?? undefined} fallback={fallback} />
  ),
  emoji: (data, draw) => emojiOr(data.name, draw(data)),
};

/** In verbatim text only what was written as a link is one, and that has words of its own. */
const VERBATIM_HOOKS: MessageProps["hooks"] = {
  ...HOOKS,
  link: ({ href, children }) =>
    href.replace(/^mailto:/, "") === words(children) ? (
      <>{children}</>
    ) : (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    ),
};

export const Passive = memo(function Passive({ blocks }: { blocks: Block[] }) {
  const { people, channels, groups } = useTeam();
  const theme = useContext(ThemeContext);
  const data = useMemo(
    () => ({
      users: people.map(({ id, name }) => ({ id, name })),
      channels: channels.map(({ id, name }) => ({ id, name })),
      user_groups: groups.map(({ id, handle }) => ({ id, name: handle })),
    }),
    [people, channels, groups],
  );
  const drawn = useMemo(() => parsed(blocks) as LibraryBlock[], [blocks]);
  const verbatim = isVerbatim(blocks);
  return (
    <Suspense fallback={<p className="quiet">…</p>}>
      <Drawn
        key={String(verbatim)}
        withoutWrapper
        blocks={drawn}
        logo=""
        name=""
        theme={theme}
        data={data}
        hooks={verbatim ? VERBATIM_HOOKS : HOOKS}
      />
    </Suspense>
  );
});
