/** The book as two curves for the depth chart. Numbers here are for drawing only. */

import type { Book, BookLevel } from "./book";

/** As far from the middle as this share of it, in percent, where the book reaches so far. */
const REACH_PERCENT = 5n;

export interface DepthCurve {
  /** Rising. */
  prices: number[];
  /** What stands at this price or a better one; null on the other side's prices. */
  bids: (number | null)[];
  asks: (number | null)[];
}

export function depthCurve(book: Book): DepthCurve {
  const [ask, bid] = [book.asks[0], book.bids[0]];
  const middle = ask && bid ? (ask.price + bid.price) / 2n : (ask ?? bid)?.price;
  if (middle === undefined) return { prices: [], bids: [], asks: [] };
  const reach = (middle * REACH_PERCENT) / 100n;
  const near = (level: BookLevel) => level.price >= middle - reach && level.price <= middle + reach;
  const bids = sums(book.bids.filter(near), book).reverse();
  const asks = sums(book.asks.filter(near), book);
  return {
    prices: [...bids, ...asks].map(([price]) => price),
    bids: [...bids.map(([, sum]) => sum), ...asks.map(() => null)],
    asks: [...bids.map(() => null), ...asks.map(([, sum]) => sum)],
  };
}

function sums(levels: readonly BookLevel[], book: Book): [price: number, sum: number][] {
  const tick = 10 ** -book.priceDecimals;
  const lot = 10 ** -book.amountDecimals;
  let sum = 0n;
  return levels.map((level) => {
    sum += level.amount;
    return [Number(level.price) * tick, Number(sum) * lot];
  });
}
