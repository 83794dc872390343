// What Slack itself tells a person, in no message; and that the demo can't be reached.
import type { Notice } from "../slack/store";
import { Icon } from "../ui/Icon";

interface Props {
  notices: Notice[];
  open: boolean;
  onDismiss: (seq: number) => void;
}

export function Notices({ notices, open, onDismiss }: Props) {
  return (
    <div className="notices" role="status">
      {!open && <p className="notice">Connecting to the demo…</p>}
      {notices.map((notice) => (
        <p key={notice.seq} className="notice">
          <span>{notice.text}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => onDismiss(notice.seq)}>
            <Icon of="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
