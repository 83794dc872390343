// A date token that keeps telling the truth while one looks at it.
import { formatted } from "../ui/dates";
import { useNow } from "../ui/now";

interface Props {
  seconds: number;
  format: string;
  link?: string;
  fallback: string;
}

export function SlackDate({ seconds, format, link, fallback }: Props) {
  const now = useNow(format.includes("{ago}") ? 1 : 60);
  if (!Number.isFinite(seconds)) return <>{fallback}</>;
  const shown = (
    <time dateTime={new Date(seconds * 1000).toISOString()} title={fallback}>
      {formatted(format, seconds, now)}
    </time>
  );
  return link ? (
    <a href={link} target="_blank" rel="noreferrer">
      {shown}
    </a>
  ) : (
    shown
  );
}
