// The modals that a person has open: the topmost one is shown, the others wait below it.
import { useRef } from "react";

import type { Entered, Person, View } from "../slack/types";
import { Modal } from "./Modal";

export function Modals({ person, views }: { person: Person; views: View[] }) {
  const top = views.at(-1);
  const entered = useRef(new Map<string, Entered>());
  return top ? <Modal key={top.id} person={person} view={top} below={views.length - 1} remembered={entered.current} /> : null;
}
