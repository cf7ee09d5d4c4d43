/** One market, live: its book and its trades. */

import { socket } from "../api/socket.svelte";
import type { MarketInfo, Trade } from "../api/types";
import { Book, type DepthData } from "./book";

const TRADES_SHOWN = 50;

export class LiveMarket {
  readonly book: Book;
  /** Goes up where the book has changed, at most once for each frame that is painted. */
  changes = $state(0);
  trades = $state.raw<readonly Trade[]>([]);
  tradesKnown = $state(false);
  #painting = 0;
  #ends: (() => void)[] = [];

  constructor(
    readonly symbol: string,
    readonly info: MarketInfo,
  ) {
    this.book = new Book(info.price_decimals, info.amount_decimals);
  }

  open(): void {
    const depth = `depth.${this.symbol}`;
    this.#ends = [
      socket.listen<DepthData>(depth, ({ type, data }) => {
        if (type === "snapshot") this.book.replace(data);
        else if (this.book.sequence < 0) return;
        else if (!this.book.apply(data)) socket.resync(depth);
        this.#paint();
      }),
      socket.listen<{ trades: Trade[] }>(`trades.${this.symbol}`, ({ type, data }) => {
        const before = type === "snapshot" ? [] : this.trades;
        this.trades = [...data.trades, ...before].slice(0, TRADES_SHOWN);
        this.tradesKnown = true;
      }),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
    cancelAnimationFrame(this.#painting);
    this.#painting = 0;
  }

  #paint(): void {
    this.#painting ||= requestAnimationFrame(() => {
      this.#painting = 0;
      this.changes += 1;
    });
  }
}
