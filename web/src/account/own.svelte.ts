/** What is the caller's own here, live: balances, deposits and withdrawals. */

import { socket } from "../api/socket.svelte";
import type { BalanceFigures } from "../api/types";
import type { Transfer } from "./answers";

type Transfers = { deposits: Transfer[]; withdrawals: Transfer[] };

class Own {
  /** null: not known yet. */
  balances = $state.raw<Readonly<Record<string, BalanceFigures>> | null>(null);
  /** The newest of each kind, the newest first. */
  transfers = $state.raw<Readonly<Transfers> | null>(null);

  /** Until the returned function is called. */
  follow(): () => void {
    const ends = [
      socket.listen<Record<string, BalanceFigures>>("balances", ({ type, data }) => {
        this.balances = type === "snapshot" ? data : { ...this.balances, ...data };
      }),
      socket.listen<Transfers>("transfers", ({ type, data }) => {
        this.transfers = type === "snapshot" ? data : this.#merged(data);
      }),
    ];
    return () => {
      for (const end of ends) end();
      this.balances = this.transfers = null;
    };
  }

  #merged(changed: Transfers): Transfers {
    return {
      deposits: merged(this.transfers?.deposits ?? [], changed.deposits),
      withdrawals: merged(this.transfers?.withdrawals ?? [], changed.withdrawals),
    };
  }
}

function merged(known: readonly Transfer[], changed: readonly Transfer[]): Transfer[] {
  const ids = new Set(changed.map((each) => each.id));
  return [...changed, ...known.filter((each) => !ids.has(each.id))].sort((a, b) => b.id - a.id);
}

export const own = new Own();
