// Plain text of a block or element; Slack's stored text holds & < > as entities.
import type { Text } from "../slack/types";

export function plain(text: Text | null | undefined): string {
  return (text?.text ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function PlainText({ of }: { of: Text | null | undefined }) {
  return <>{plain(of)}</>;
}
