// Block Kit: the library draws what is only looked at, the elements that can be used are our own.
import type { Block, Element } from "../slack/types";
import { ElementView } from "./ElementView";
import { InputBlock } from "./InputBlock";
import { Passive } from "./Passive";
import { PlainText } from "./PlainText";

export function Blocks({ blocks, errors = {} }: { blocks: Block[]; errors?: Record<string, string> }) {
  return (
    <div className="blocks">
      {runs(blocks).map((run) => {
        const first = run[0];
        if (!first) return null;
        return isActive(first) ? (
          <Active key={first.block_id} block={first} error={errors[first.block_id]} />
        ) : (
          <Passive key={first.block_id} blocks={run} />
        );
      })}
    </div>
  );
}

/** Neighbouring passive blocks together, active ones alone. */
function runs(blocks: Block[]): Block[][] {
  const found: Block[][] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (last?.[0] && !isActive(block) && !isActive(last[0])) last.push(block);
    else found.push([block]);
  }
  return found;
}

function isActive(block: Block): boolean {
  if (["actions", "input", "context_actions"].includes(block.type)) return true;
  const children = [...(block.child_blocks ?? []), ...(block.type === "carousel" ? (block.elements as unknown as Block[]) : [])];
  return block.accessory !== undefined || (block.actions?.length ?? 0) > 0 || children.some(isActive);
}

function Active({ block, error }: { block: Block; error: string | undefined }) {
  const { accessory, actions, ...passive } = block;
  switch (block.type) {
    case "actions":
    case "context_actions":
      return <Row block={block} elements={block.elements ?? []} />;
    case "input":
      return <InputBlock block={block} error={error} />;
    case "container":
      return (
        <div className="container-block">
          {block.title && <strong><PlainText of={block.title} /></strong>}
          <Blocks blocks={block.child_blocks ?? []} />
        </div>
      );
    case "carousel":
      return (
        <div className="carousel-block">
          <Blocks blocks={(block.elements ?? []) as unknown as Block[]} />
        </div>
      );
    case "card":
      return (
        <div>
          <Passive blocks={[passive]} />
          <Row block={block} elements={actions ?? []} />
        </div>
      );
    default:
      return (
        <div className="section-block">
          <div className="section-text">
            <Passive blocks={[passive]} />
          </div>
          {accessory && <ElementView block={block} element={accessory} />}
        </div>
      );
  }
}

function Row({ block, elements }: { block: Block; elements: Element[] }) {
  return (
    <div className="actions-block">
      {elements.map((element) => (
        <ElementView key={element.action_id} block={block} element={element} />
      ))}
    </div>
  );
}
