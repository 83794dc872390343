// A labelled input of a form, with its hint and what is wrong with it.
import { useId } from "react";

import type { Block } from "../slack/types";
import { ElementView } from "./ElementView";
import { PlainText } from "./PlainText";

export function InputBlock({ block, error }: { block: Block; error: string | undefined }) {
  const id = useId();
  if (!block.element) return null;
  return (
    <div className="input-block">
      <span id={`${id}label`} className="input-label">
        <PlainText of={block.label} />
        {block.optional && <span className="optional"> (optional)</span>}
      </span>
      <ElementView
        block={block}
        element={block.element}
        labelledBy={`${id}label`}
        describedBy={error ? `${id}error` : `${id}hint`}
        invalid={error !== undefined}
      />
      {error && (
        <span id={`${id}error`} className="input-error" role="alert">
          {error}
        </span>
      )}
      {block.hint && (
        <span id={`${id}hint`} className="input-hint">
          <PlainText of={block.hint} />
        </span>
      )}
    </div>
  );
}
