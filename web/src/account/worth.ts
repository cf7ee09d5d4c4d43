/** What holdings are worth at the last prices: in CNY, in BTC. An estimate, but counted exactly. */

import type { Figure, TickerFigures } from "../api/types";
import { decimalsOf, exact, rescaled } from "../money/decimal";

type Tickers = Readonly<Record<string, TickerFigures>>;

/** Of every rate here. */
const DECIMALS = 18;
const ONE = 10n ** BigInt(DECIMALS);
/** By which two currencies without a market between them are compared. */
const BETWEEN = ["BTC", "CNY"];

/** Of `amount` in units of 10^-decimals, the same of `into`; null: no price is known. */
export function worth(
  amount: Figure,
  currency: string,
  into: string,
  tickers: Tickers,
  decimals: number,
): bigint | null {
  const rate = rateOf(currency, into, tickers);
  if (rate === null) return null;
  const given = decimalsOf(amount);
  return rescaled(exact(amount, given) * rate, given + DECIMALS, decimals);
}

function rateOf(currency: string, into: string, tickers: Tickers): bigint | null {
  const direct = between(currency, into, tickers);
  if (direct !== null) return direct;
  for (const other of BETWEEN) {
    const first = between(currency, other, tickers);
    const second = between(other, into, tickers);
    if (first !== null && second !== null) return (first * second) / ONE;
  }
  return null;
}

function between(currency: string, into: string, tickers: Tickers): bigint | null {
  if (currency === into) return ONE;
  const price = last(`${currency}-${into}`, tickers);
  if (price) return price;
  const inverse = last(`${into}-${currency}`, tickers);
  return inverse ? (ONE * ONE) / inverse : null;
}

function last(market: string, tickers: Tickers): bigint {
  const ticker = tickers[market];
  return ticker ? exact(ticker[4], DECIMALS) : 0n;
}
