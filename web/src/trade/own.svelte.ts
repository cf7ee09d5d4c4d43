/** What is the caller's own, live: orders, fills, balances. Of nobody, nothing. */

import { ApiError, get, inWords, post } from "../api/client";
import { socket } from "../api/socket.svelte";
import {
  ORDER_OPEN,
  ORDER_PARTLY_FILLED,
  type BalanceFigures,
  type Order,
  type OwnTrade,
} from "../api/types";
import { say } from "../i18n/texts";
import { shown } from "../money/decimal";
import { session } from "../state/session.svelte";
import { toasts } from "../state/toasts.svelte";
import { t } from "./texts";

const HISTORY_SHOWN = 100;
const FILLS_SHOWN = 100;

export function isOpen(order: Order): boolean {
  return order.status === ORDER_OPEN || order.status === ORDER_PARTLY_FILLED;
}

interface Canceled {
  failed?: Record<string, { code: number; message: string }>;
}

class Own {
  open = $state.raw<readonly Order[]>([]);
  history = $state.raw<readonly Order[]>([]);
  fills = $state.raw<readonly OwnTrade[]>([]);
  balances = $state.raw<Readonly<Record<string, BalanceFigures>> | null>(null);
  /** Whether the open orders are known. */
  known = $state(false);
  #follower: unknown;

  /** From when somebody is logged in, until what it returns is called. */
  follow(): () => void {
    this.#clear();
    const ends = [
      socket.listen<{ orders: Order[] }>("orders", ({ type, data }) =>
        type === "snapshot" ? this.#begin(data.orders) : this.#change(data.orders),
      ),
      socket.listen<{ trades: OwnTrade[] }>("fills", ({ type, data }) => {
        if (type === "update") data.trades.forEach(announce);
        const before = type === "snapshot" ? [] : this.fills;
        this.fills = [...data.trades, ...before].slice(0, FILLS_SHOWN);
      }),
      socket.listen<Record<string, BalanceFigures>>("balances", ({ type, data }) => {
        this.balances = type === "snapshot" ? data : { ...this.balances, ...data };
      }),
    ];
    this.#follower = ends;
    return () => {
      for (const end of ends) end();
      // Whoever follows by now, on another screen, keeps what there is.
      if (this.#follower === ends) this.#clear();
    };
  }

  #clear(): void {
    this.open = this.history = this.fills = [];
    this.balances = null;
    this.known = false;
  }

  available(currency: string): string | null {
    return this.balances ? (this.balances[currency]?.[0] ?? "0") : null;
  }

  async cancel(order: Order): Promise<void> {
    const answer = await this.#send<Canceled>("/user/cancel_orders", {
      order_ids: [order.order_id],
    });
    for (const { code, message } of Object.values(answer?.failed ?? {}))
      toasts.show("bad", inWords(new ApiError(code, message)));
  }

  /** Of one market; without, of all. */
  async cancelAll(market?: string): Promise<void> {
    const asked = this.open.filter((order) => !market || order.market === market).length;
    const answer = await this.#send<{ cancelled: number[] }>(
      "/user/cancel_all_orders",
      market ? { market } : {},
    );
    const done = answer?.cancelled.length ?? asked;
    if (done < asked) toasts.show("bad", say(t.canceledSome, { n: done, all: asked }));
  }

  async #send<T>(path: string, body: unknown): Promise<T | undefined> {
    try {
      return await post<T>(path, body);
    } catch (error) {
      session.heed(error);
      toasts.show("bad", inWords(error));
      return undefined;
    }
  }

  #begin(orders: Order[]): void {
    this.open = orders.filter(isOpen).sort(newestFirst);
    this.known = true;
    void this.#loadHistory();
  }

  /** The stream begins with what is open; what ended before is asked for. */
  async #loadHistory(): Promise<void> {
    try {
      const { orders } = await get<{ orders: Order[] }>("/user/orders", { limit: HISTORY_SHOWN });
      const ended = orders.filter((order) => !isOpen(order));
      const known = new Set(ended.map((order) => order.order_id));
      const newer = this.history.filter((order) => !known.has(order.order_id));
      this.history = [...newer, ...ended].sort(newestFirst).slice(0, HISTORY_SHOWN);
    } catch (error) {
      session.heed(error);
    }
  }

  #change(changed: Order[]): void {
    const ids = new Set(changed.map((order) => order.order_id));
    const others = (orders: readonly Order[]) => orders.filter((each) => !ids.has(each.order_id));
    const open = changed.filter(isOpen);
    const ended = changed.filter((order) => !isOpen(order));
    this.open = [...open, ...others(this.open)].sort(newestFirst);
    this.history = [...ended, ...others(this.history)].sort(newestFirst).slice(0, HISTORY_SHOWN);
  }
}

function newestFirst(one: Order, other: Order): number {
  return Number(BigInt(other.order_id) - BigInt(one.order_id));
}

function announce(fill: OwnTrade): void {
  const [base = "", quote = ""] = fill.market.split("-");
  const text = fill.type === "buy" ? t.bought : t.sold;
  const amount = `${shown(fill.amount, 0)} ${base}`;
  toasts.show(
    "good",
    say(text, { amount }),
    say(t.atPrice, { price: `${shown(fill.price, 0)} ${quote}` }),
  );
}

export const own = new Own();
