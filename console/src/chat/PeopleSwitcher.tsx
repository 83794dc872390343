// Act as somebody else: each person has rights, channels and ephemeral notes of their own.
import { humans, useTeam } from "../slack/people";
import type { Person } from "../slack/types";
import { Avatar } from "./Avatar";

export function PeopleSwitcher({ person, onPerson }: { person: Person; onPerson: (name: string) => void }) {
  return (
    <div className="people" role="group" aria-label="Act as">
      <h2>Act as</h2>
      {humans(useTeam()).map((each) => (
        <button key={each.id} type="button" className="person" aria-pressed={each.id === person.id} onClick={() => onPerson(each.name)}>
          <Avatar person={each} />
          <span className="person-name">{each.name}</span>
          <small>{rank(each)}</small>
        </button>
      ))}
    </div>
  );
}

function rank(person: Person): string {
  if (person.is_stranger) return "partner";
  return person.is_restricted ? "guest" : person.is_admin ? "admin" : "member";
}
