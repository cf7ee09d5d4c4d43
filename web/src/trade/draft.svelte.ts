/** An order while it is filled in: its fields, what would come of it, and what is wrong with it.
 *  It outlives what shows it: only another market empties it. */

import { ApiError, inWords, post } from "../api/client";
import type { MarketInfo, Order, Side } from "../api/types";
import { say } from "../i18n/texts";
import { exact, plain, rescaled, shown, units } from "../money/decimal";
import { exchange } from "../state/exchange.svelte";
import { session } from "../state/session.svelte";
import { toasts } from "../state/toasts.svelte";
import type { LiveMarket } from "./market.svelte";
import { own } from "./own.svelte";
import { t } from "./texts";
import {
  affordable,
  estimate,
  orderItem,
  problemOf,
  spends,
  type Field,
  type OrderType,
  type Rules,
  type Ticket,
  type TimeInForce,
} from "./ticket";

/** Where it is to be placed; `info` and `live` are there once the exchange has answered. */
export interface Place {
  readonly symbol: string;
  readonly info: MarketInfo | undefined;
  readonly live: LiveMarket | null;
}

interface Result {
  results: { order_id: number; order?: Order; code?: number; message?: string }[];
}

const FIELDS: Readonly<Record<OrderType, readonly Field[]>> = {
  limit: ["price", "amount"],
  market: ["amount", "value"],
  stop: ["stopPrice", "price", "amount"],
};

export class OrderDraft implements Ticket {
  side = $state<Side>("buy");
  type = $state<OrderType>("limit");
  price = $state("");
  stopPrice = $state("");
  amount = $state("");
  value = $state("");
  byValue = $state(true);
  timeInForce = $state<TimeInForce>("gtc");
  postOnly = $state(false);
  busy = $state(false);
  /** What the exchange answered to the last try, in words. */
  refused = $state("");

  /** Fields that were left, or all once it was tried to send: only those are told what is wrong. */
  #touched = $state.raw<readonly Field[]>([]);
  /** Whether a price was suggested, or somebody chose one. */
  #begun = false;
  #symbol = "";

  base = $derived.by(() => this.#place.info?.base ?? "");
  quote = $derived.by(() => this.#place.info?.quote ?? "");
  given = $derived(this.side === "buy" ? this.quote : this.base);
  received = $derived(this.side === "buy" ? this.base : this.quote);
  available = $derived(own.available(this.given));
  availableUnits = $derived.by(() => {
    const decimals = exchange.currency(this.given)?.decimals;
    return this.available === null || decimals === undefined
      ? null
      : exact(this.available, decimals);
  });
  #rules = $derived.by((): Rules | null => {
    const [base, quote] = [exchange.currency(this.base), exchange.currency(this.quote)];
    const market = this.#place.info;
    return market && base && quote ? { market, base, quote } : null;
  });
  #problem = $derived(this.#rules && problemOf(this, this.#rules, this.availableUnits));
  /** Total, fee and what comes in; null while the fields allow none. */
  expected = $derived.by(() => {
    const { live } = this.#place;
    if (!this.#rules || !live) return null;
    if (this.type === "market") void live.changes;
    return estimate(this, this.#rules, this.side === "buy" ? live.book.asks : live.book.bids);
  });
  /** Whether it says how much to spend, not how much to get. */
  spends = $derived(spends(this));

  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** To be told where it is: what was filled in for one market means nothing at another. */
  enter(symbol: string): void {
    if (!symbol || symbol === this.#symbol) return;
    if (this.#symbol) this.#empty();
    this.#symbol = symbol;
  }

  /** Suggest a price to start from, once; never under the hands of somebody who types one. */
  suggest(): void {
    const { live } = this.#place;
    if (this.price) this.#begun = true;
    if (this.#begun || !live?.changes) return;
    const best = this.side === "buy" ? live.book.asks[0] : live.book.bids[0];
    if (best) this.choose(plain(best.price, live.info.price_decimals));
  }

  /** This price, as if it had been typed. */
  choose(price: string): void {
    this.#begun = true;
    this.price = price;
  }

  /** Somebody is about to type into this field. */
  begin(field: Field): void {
    if (field === "price") this.#begun = true;
  }

  leave(field: Field): void {
    if (!this.#touched.includes(field)) this.#touched = [...this.#touched, field];
    this.refused = "";
  }

  /** What is wrong with a field, in words; empty: nothing, or nothing that is to be said yet. */
  wrong(field: Field): string {
    const problem = this.#problem;
    if (!problem || problem.field !== field || !this.#touched.includes(field)) return "";
    const { market, quote } = this.#rules!;
    const decimals = {
      price: market.price_decimals,
      stopPrice: market.price_decimals,
      amount: market.amount_decimals,
      value: quote.decimals,
    };
    const figure = `${shown(market.minimum_value, 0)} ${this.quote}`;
    return say(t[problem.fault], { n: decimals[field], figure });
  }

  /** As much as this share of what is available allows, rounded down. */
  take(percent: bigint): void {
    if (!this.#rules || this.availableUnits === null) return;
    const { market, base, quote } = this.#rules;
    const part = (this.availableUnits * percent) / 100n;
    const lots = market.amount_decimals;
    if (this.spends) {
      this.value = plain(part, quote.decimals);
      this.leave("value");
    } else if (this.side === "sell") {
      this.amount = plain(rescaled(part, base.decimals, lots), lots);
      this.leave("amount");
    } else {
      const at = this.#ticks();
      if (at !== 0n) this.amount = plain(affordable(part, at, this.#rules), lots);
      this.leave(at === 0n ? "price" : "amount");
    }
  }

  /** Send it, if nothing is wrong with it. */
  async submit(): Promise<void> {
    this.refused = "";
    this.#touched = FIELDS[this.type];
    if (this.#problem || !this.#place.info || this.busy) return;
    const told = this.#told();
    const symbol = this.#place.symbol; // another may be here when the answer comes
    this.busy = true;
    try {
      const item = orderItem(this.#place.symbol, this);
      const { results } = await post<Result>("/user/submit_orders", { orders: [item] });
      const result = results[0];
      if (result?.code) {
        this.#refuse(symbol, inWords(new ApiError(result.code, result.message ?? "")), told);
        return;
      }
      toasts.show("info", t.placed, told);
      if (symbol !== this.#place.symbol) return;
      this.amount = this.value = "";
      this.#touched = [];
    } catch (error) {
      session.heed(error);
      this.#refuse(symbol, inWords(error), told);
    } finally {
      this.busy = false;
    }
  }

  #refuse(symbol: string, why: string, told: string): void {
    if (symbol === this.#place.symbol) this.refused = why;
    else toasts.show("bad", why, told);
  }

  /** What a buy would pay for each unit, as far as is known; 0n: it is not. */
  #ticks(): bigint {
    if (this.type === "market") return this.#place.live?.book.asks[0]?.price ?? 0n;
    return units(this.price, this.#rules!.market.price_decimals) ?? 0n;
  }

  #told(): string {
    const what = this.spends ? `${this.value} ${this.quote}` : `${this.amount} ${this.base}`;
    const at = this.type === "market" ? t.marketOrder : `${this.price} ${this.quote}`;
    return `${this.side === "buy" ? t.buy : t.sell} ${what} · ${at}`;
  }

  #empty(): void {
    this.price = this.stopPrice = this.amount = this.value = this.refused = "";
    this.#touched = [];
    this.#begun = false;
  }
}
