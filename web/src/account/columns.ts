/** Which columns one's own orders and trades are shown in. */

import {
  ORDER_CANCELED,
  ORDER_FILLED,
  ORDER_OPEN,
  type Order,
  type OwnTrade,
  type Side,
} from "../api/types";
import { second } from "../i18n/moments";
import { shown } from "../money/decimal";
import { t } from "./texts";

export interface Column<Row> {
  title: string;
  text: (row: Row) => string;
  number?: boolean;
  /** A class, for instance "up". */
  look?: (row: Row) => string;
}

export function orderColumns(): Column<Order>[] {
  return [
    { title: t.time, text: (order) => second(order.created_ms) },
    { title: t.market, text: (order) => order.market },
    side(),
    {
      title: t.price,
      text: (order) => (order.order_type === "market" ? t.marketOrder : shown(order.price, 0)),
      number: true,
    },
    { title: t.amount, text: (order) => shown(order.amount, 0), number: true },
    { title: t.filled, text: (order) => shown(order.value, 0), number: true },
    fee(),
    { title: t.status, text: status },
  ];
}

export function tradeColumns(): Column<OwnTrade>[] {
  return [
    { title: t.time, text: (trade) => second(trade.timestamp) },
    { title: t.market, text: (trade) => trade.market },
    side(),
    { title: t.price, text: (trade) => shown(trade.price, 0), number: true },
    { title: t.amount, text: (trade) => shown(trade.amount, 0), number: true },
    { title: t.value, text: (trade) => shown(trade.value, 0), number: true },
    fee(),
    { title: t.role, text: (trade) => (trade.role === "maker" ? t.maker : t.taker) },
  ];
}

/** A trade with oneself is two rows. */
export function tradeKey(trade: OwnTrade): string {
  return `${trade.trade_id} ${trade.role}`;
}

function side(): Column<{ type: Side }> {
  return {
    title: t.side,
    text: (row) => (row.type === "buy" ? t.buy : t.sell),
    look: (row) => (row.type === "buy" ? "up" : "down"),
  };
}

function fee(): Column<{ fee: string; fee_currency: string }> {
  return {
    title: t.fee,
    text: (row) => `${shown(row.fee, 0)} ${row.fee_currency}`,
    number: true,
  };
}

function status(order: Order): string {
  if (order.status === ORDER_OPEN) return t.orderOpen;
  if (order.status === ORDER_FILLED) return t.orderFilled;
  return order.status === ORDER_CANCELED ? t.orderCanceled : t.orderPartly;
}
