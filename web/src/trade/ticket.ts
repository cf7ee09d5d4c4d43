/** What an order would do, before it is sent: total, fee, what comes in; and what is wrong. */

import type { CurrencyInfo, MarketInfo, Side } from "../api/types";
import { decimalsOf, dividedUp, exact, rescaled, units } from "../money/decimal";
import type { BookLevel } from "./book";

export type OrderType = "limit" | "market" | "stop";
export type TimeInForce = "gtc" | "ioc" | "fok";

export interface Ticket {
  side: Side;
  type: OrderType;
  price: string;
  stopPrice: string;
  amount: string;
  /** Of a market buy: what to spend, instead of an amount. */
  value: string;
  byValue: boolean;
  timeInForce: TimeInForce;
  postOnly: boolean;
}

export interface Rules {
  market: MarketInfo;
  base: CurrencyInfo;
  quote: CurrencyInfo;
}

/** In smallest units; of a market order as the book is now. */
export interface Estimate {
  /** In the quote currency. */
  total: bigint;
  /** In the currency that is received: the base of a buy, the quote of a sell. */
  fee: bigint;
  received: bigint;
}

export type Field = "price" | "stopPrice" | "amount" | "value";
export type Fault = "missing" | "malformed" | "decimals" | "zero" | "funds" | "minimum";
export interface Problem {
  field: Field;
  fault: Fault;
}

/** Smallest units of the quote for so many ticks and lots: exact, as the server has it. */
export function valueOf(price: bigint, amount: bigint, { market, quote }: Rules): bigint {
  const spare = quote.decimals - market.price_decimals - market.amount_decimals;
  return price * amount * 10n ** BigInt(spare);
}

/** Lots that this value of the quote buys at this price, rounded down. */
export function affordable(value: bigint, price: bigint, { market, quote }: Rules): bigint {
  const spare = quote.decimals - market.price_decimals - market.amount_decimals;
  return price === 0n ? 0n : value / (price * 10n ** BigInt(spare));
}

/** The exchange's one rounding: up. */
export function feeOf(received: bigint, rate: string): bigint {
  const decimals = decimalsOf(rate);
  return dividedUp(received * exact(rate, decimals), 10n ** BigInt(decimals));
}

/** What is wrong with the fields that this kind of order has; the first of it. */
export function problemOf(ticket: Ticket, rules: Rules, available: bigint | null): Problem | null {
  const { market, quote } = rules;
  const fields: [Field, string, number][] = [];
  if (ticket.type === "stop") fields.push(["stopPrice", ticket.stopPrice, market.price_decimals]);
  if (ticket.type !== "market") fields.push(["price", ticket.price, market.price_decimals]);
  if (spends(ticket)) fields.push(["value", ticket.value, quote.decimals]);
  else fields.push(["amount", ticket.amount, market.amount_decimals]);
  for (const [field, text, decimals] of fields) {
    const fault = faultOf(text, decimals);
    if (fault) return { field, fault };
  }
  return fundsProblem(ticket, rules, available) ?? minimumProblem(ticket, rules);
}

function faultOf(text: string, decimals: number): Fault | null {
  if (!text.trim()) return "missing";
  const count = units(text, decimals);
  if (count === 0n) return "zero";
  if (count !== null) return null;
  return units(text, 30) === null ? "malformed" : "decimals";
}

/** Whether it says how much to spend, not how much to get. */
export function spends(ticket: Ticket): boolean {
  return ticket.type === "market" && ticket.side === "buy" && ticket.byValue;
}

function fundsProblem(ticket: Ticket, rules: Rules, available: bigint | null): Problem | null {
  if (available === null) return null;
  const needed = neededFor(ticket, rules);
  if (needed === null || needed <= available) return null;
  return { field: spends(ticket) ? "value" : "amount", fault: "funds" };
}

/** Smallest units of what is given; null where only the book knows. */
function neededFor(ticket: Ticket, rules: Rules): bigint | null {
  const { market, base, quote } = rules;
  if (spends(ticket)) return units(ticket.value, quote.decimals);
  const amount = units(ticket.amount, market.amount_decimals);
  if (amount === null) return null;
  if (ticket.side === "sell") return rescaled(amount, market.amount_decimals, base.decimals);
  const price = units(ticket.price, market.price_decimals);
  return ticket.type === "market" || price === null ? null : valueOf(price, amount, rules);
}

function minimumProblem(ticket: Ticket, rules: Rules): Problem | null {
  const { market, quote } = rules;
  if (market.minimum_reference || ticket.type === "market") return null; // the server knows better
  const price = units(ticket.price, market.price_decimals);
  const amount = units(ticket.amount, market.amount_decimals);
  if (price === null || amount === null) return null;
  const minimum = exact(market.minimum_value, quote.decimals);
  return valueOf(price, amount, rules) < minimum ? { field: "amount", fault: "minimum" } : null;
}

/** null where the fields, or a book with nothing in it, allow none. */
export function estimate(
  ticket: Ticket,
  rules: Rules,
  opposite: readonly BookLevel[],
): Estimate | null {
  const { market } = rules;
  const filled = ticket.type === "market" ? walk(ticket, rules, opposite) : limit(ticket, rules);
  if (!filled) return null;
  const gross =
    ticket.side === "buy"
      ? rescaled(filled.amount, market.amount_decimals, rules.base.decimals)
      : filled.total;
  // The dearer of the two, because nobody knows yet which it will be; post-only is a maker always.
  const rate = ticket.postOnly && ticket.type !== "market" ? market.maker_fee : market.taker_fee;
  const fee = feeOf(gross, rate);
  return { total: filled.total, fee, received: gross - fee };
}

interface Filled {
  amount: bigint;
  total: bigint;
}

function limit(ticket: Ticket, rules: Rules): Filled | null {
  const price = units(ticket.price, rules.market.price_decimals);
  const amount = units(ticket.amount, rules.market.amount_decimals);
  if (!price || !amount) return null;
  return { amount, total: valueOf(price, amount, rules) };
}

/** Through the book, best price first, until nothing is left to get or to spend. */
function walk(ticket: Ticket, rules: Rules, opposite: readonly BookLevel[]): Filled | null {
  const spending = spends(ticket);
  let left = spending
    ? units(ticket.value, rules.quote.decimals)
    : units(ticket.amount, rules.market.amount_decimals);
  if (!left) return null;
  const filled: Filled = { amount: 0n, total: 0n };
  for (const level of opposite) {
    const most = spending ? affordable(left, level.price, rules) : left;
    const amount = most < level.amount ? most : level.amount;
    if (amount === 0n) break;
    const value = valueOf(level.price, amount, rules);
    filled.amount += amount;
    filled.total += value;
    left -= spending ? value : amount;
    if (left === 0n) break;
  }
  return filled.amount ? filled : null;
}

/** As the exchange reads decimals: "1." and ".5", which `units` takes, are none to it. */
function written(text: string): string {
  const [whole = "", fraction = ""] = text.trim().split(".");
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  return fraction ? `${digits}.${fraction}` : digits;
}

/** The body of `submit_orders` for it. */
export function orderItem(symbol: string, ticket: Ticket): Record<string, string | boolean> {
  const item: Record<string, string | boolean> = {
    market: symbol,
    type: ticket.side,
    order_type: ticket.type === "market" ? "market" : "limit",
  };
  if (spends(ticket)) item["value"] = written(ticket.value);
  else item["amount"] = written(ticket.amount);
  if (ticket.type === "market") return item;
  item["price"] = written(ticket.price);
  if (ticket.type === "stop") item["stop_price"] = written(ticket.stopPrice);
  if (ticket.postOnly) item["post_only"] = true;
  else item["time_in_force"] = ticket.timeInForce;
  return item;
}
