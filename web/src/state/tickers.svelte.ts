/** Every market's ticker, live; and what each price was a day ago. */

import { get } from "../api/client";
import { socket } from "../api/socket.svelte";
import type { Candle, Figure, TickerFigures } from "../api/types";
import { percentChange } from "../money/decimal";

const DAY_S = 86_400;
const DAY_AGO_FRESH_MS = 300_000;

class Tickers {
  all = $state.raw<Readonly<Record<string, TickerFigures>>>({});
  /** Closes of the last day, hour by hour, of the markets that were asked for. */
  days = $state.raw<Readonly<Record<string, readonly Figure[]>>>({});
  #asked = new Map<string, number>();
  #listening = false;

  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    socket.listen<Record<string, TickerFigures>>("tickers", ({ data }) => {
      this.all = { ...this.all, ...data };
    });
  }

  last(market: string): Figure | undefined {
    return this.all[market]?.[4];
  }

  /** Percent since a day ago, with its sign; "" where nothing is known of then. */
  change(market: string): string {
    const before = this.days[market]?.[0];
    const last = this.last(market);
    return before && last ? percentChange(before, last) : "";
  }

  /** Load the last day of these markets, unless that was done lately. */
  async loadDays(markets: readonly string[]): Promise<void> {
    const now = Date.now();
    const due = markets.filter((each) => now - (this.#asked.get(each) ?? 0) > DAY_AGO_FRESH_MS);
    for (const market of due) this.#asked.set(market, now);
    await Promise.all(due.map((market) => this.#loadDay(market, Math.floor(now / 1000) - DAY_S)));
  }

  async #loadDay(market: string, start: number): Promise<void> {
    try {
      const path = `/${market.toLowerCase()}/kline`;
      const { items } = await get<{ items: Candle[] }>(path, { interval: "1h", start });
      const first = items[0];
      if (!first) return;
      this.days = { ...this.days, [market]: [first[1], ...items.map((candle) => candle[4])] };
    } catch {
      this.#asked.delete(market); // a change that is not shown hurts nobody; asked for again later
    }
  }
}

export const tickers = new Tickers();
