/** Tables that are wider than a phone: there, each row is a card whose cells say what they are. */

import "./stacked.css";

/** For `{@attach stacked}` on a table. Heads that are there for the ear only name no cell. */
export function stacked(table: HTMLTableElement): () => void {
  table.dataset["stacked"] = "";
  const name = () => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) =>
      head.querySelector(".visually-hidden") ? "" : head.textContent.trim(),
    );
    for (const row of table.tBodies[0]?.rows ?? [])
      for (const [at, cell] of [...row.cells].entries()) cell.dataset["head"] = heads[at] ?? "";
  };
  name();
  const renamed = new MutationObserver(name); // another language, another row
  renamed.observe(table, { childList: true, characterData: true, subtree: true });
  return () => renamed.disconnect();
}
