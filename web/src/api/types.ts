/** What the API answers, as far as the page uses it. A `Figure` is an exact decimal, as text. */

export type Figure = string;
export type Side = "buy" | "sell";

export interface MarketInfo {
  base: string;
  quote: string;
  price_decimals: number;
  amount_decimals: number;
  minimum_value: Figure;
  minimum_reference: string;
  maker_fee: Figure;
  taker_fee: Figure;
  price_band: Figure;
  state: "open" | "cancel_only" | "halted";
}

export interface CurrencyInfo {
  decimals: number;
  kind: "fiat" | "chain" | "off_chain";
  confirmations: number;
  minimum_deposit: Figure;
  minimum_withdrawal: Figure;
  withdrawal_fee: Figure;
  withdrawal_fee_rate: Figure;
  withdrawal_fee_rate_from: Figure;
  /** Taken out within 24 hours without a person looking at it first; "0": each is looked at. */
  withdrawal_day_max: Figure;
  withdrawal_confirmations: number;
  memo: boolean;
  simulated: boolean;
  /** It goes in and out: false where the exchange has no node of its chain. */
  connected: boolean;
}

export interface RateLimit {
  per_second: Figure;
  burst: number;
}

export interface ExchangeInfo {
  markets: Record<string, MarketInfo>;
  currencies: Record<string, CurrencyInfo>;
  rate_limits: { public: RateLimit | null; private: RateLimit | null };
  demo: boolean;
}

/** Bid, ask, high, low, last, volume; of the last 24 hours, "0" where there is none. */
export type TickerFigures = [
  bid: Figure,
  ask: Figure,
  high: Figure,
  low: Figure,
  last: Figure,
  volume: Figure,
];

export type Level = [price: Figure, amount: Figure];

export interface Depth {
  sequence: number;
  timestamp: number;
  asks: Level[];
  bids: Level[];
}

export interface Trade {
  trade_id: number;
  taker: Side;
  price: Figure;
  amount: Figure;
  timestamp: number;
}

/** Start of the interval in seconds, open, high, low, close, volume. */
export type Candle = [
  start: number,
  open: Figure,
  high: Figure,
  low: Figure,
  close: Figure,
  volume: Figure,
];

export interface Profile {
  uid: number;
  email: string;
  googleAuthEnabled: boolean;
  lang: string;
  created: number;
}

/** Available, frozen by orders, pending withdrawal, total. */
export type BalanceFigures = [available: Figure, frozen: Figure, pending: Figure, total: Figure];

export const ORDER_OPEN = 0;
export const ORDER_FILLED = 1;
export const ORDER_PARTLY_FILLED = 2;
export const ORDER_CANCELED = 3;

export interface Order {
  order_id: string;
  type: Side;
  status: 0 | 1 | 2 | 3;
  market: string;
  price: Figure;
  amount: Figure;
  /** The executed amount. */
  value: Figure;
  created_ms: number;
  last_updated_ms: number;
  executed_value: Figure;
  fee: Figure;
  fee_currency: string;
  order_type: "limit" | "market";
  time_in_force: "gtc" | "ioc" | "fok";
  post_only: boolean;
  stop_price: Figure;
  /** Why it was canceled, else empty. */
  reason: string;
}

export interface OwnTrade {
  trade_id: number;
  order_id: number;
  market: string;
  type: Side;
  role: "maker" | "taker";
  price: Figure;
  amount: Figure;
  value: Figure;
  fee: Figure;
  fee_currency: string;
  timestamp: number;
}
