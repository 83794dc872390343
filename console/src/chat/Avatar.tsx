// A person's initials in their colour; the bot's rising bars.
import { hue, initials } from "../slack/people";
import type { Person } from "../slack/types";

export function Avatar({ person, large }: { person: Person | undefined; large?: boolean }) {
  const size = large ? "avatar large" : "avatar";
  if (!person) return <span className={size} aria-hidden="true" />;
  if (person.is_bot) return <img className={size} src="/icon.svg" alt="" />;
  return (
    <span className={size} aria-hidden="true" style={{ backgroundColor: `hsl(${hue(person)} 45% 42%)` }}>
      {initials(person)}
    </span>
  );
}
