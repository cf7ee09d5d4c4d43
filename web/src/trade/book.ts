/** An order book that follows the stream: a snapshot, then differences that fit one another. */

import type { Level } from "../api/types";
import { exact } from "../money/decimal";

/** In ticks and lots. */
export interface BookLevel {
  price: bigint;
  amount: bigint;
}

export interface DepthData {
  sequence: number;
  /** The `sequence` of the message before; a snapshot has none. */
  prev?: number;
  asks: Level[];
  bids: Level[];
}

/** A row to show: levels that fall together at this grouping, and the sum up to here. */
export interface BookRow extends BookLevel {
  total: bigint;
}

export class Book {
  /** The lowest first. */
  asks: BookLevel[] = [];
  /** The highest first. */
  bids: BookLevel[] = [];
  /** -1: nothing is known yet. */
  sequence = -1;

  constructor(
    readonly priceDecimals: number,
    readonly amountDecimals: number,
  ) {}

  replace(data: DepthData): void {
    this.asks = this.#levels(data.asks);
    this.bids = this.#levels(data.bids);
    this.sequence = data.sequence;
  }

  /** False where it does not follow what is known: then a new snapshot is needed. */
  apply(data: DepthData): boolean {
    if (data.prev !== this.sequence) return false;
    for (const level of this.#levels(data.asks)) put(this.asks, level, 1n);
    for (const level of this.#levels(data.bids)) put(this.bids, level, -1n);
    this.sequence = data.sequence;
    return true;
  }

  #levels(levels: Level[]): BookLevel[] {
    return levels.map(([price, amount]) => ({
      price: exact(price, this.priceDecimals),
      amount: exact(amount, this.amountDecimals),
    }));
  }
}

/** `direction`: 1n where prices go up, -1n where they go down. */
function put(levels: BookLevel[], level: BookLevel, direction: bigint): void {
  let from = 0;
  let to = levels.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = levels[middle]!.price;
    if ((there - level.price) * direction < 0n) from = middle + 1;
    else to = middle;
  }
  const same = levels[from]?.price === level.price;
  if (level.amount === 0n) {
    if (same) levels.splice(from, 1);
  } else if (same) {
    levels[from] = level;
  } else {
    levels.splice(from, 0, level);
  }
}

/**
 * The first `count` rows of a side, where prices that share a multiple of `step` ticks are one row:
 * asks rounded up and bids down, so that a row never promises a better price than there is.
 */
export function rows(
  levels: readonly BookLevel[],
  side: "asks" | "bids",
  step: bigint,
  count: number,
): BookRow[] {
  const result: BookRow[] = [];
  let total = 0n;
  for (const level of levels) {
    const down = (level.price / step) * step;
    const price = side === "asks" && down !== level.price ? down + step : down;
    const last = result.at(-1);
    total += level.amount;
    if (last?.price === price) {
      last.amount += level.amount;
      last.total = total;
    } else {
      if (result.length === count) break;
      result.push({ price, amount: level.amount, total });
    }
  }
  return result;
}
