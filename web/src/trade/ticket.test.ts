import { describe, expect, it } from "vitest";
import type { CurrencyInfo, MarketInfo } from "../api/types";
import {
  affordable,
  estimate,
  feeOf,
  orderItem,
  problemOf,
  valueOf,
  type Rules,
  type Ticket,
} from "./ticket";

const rules: Rules = {
  market: {
    base: "BTC",
    quote: "CNY",
    price_decimals: 2,
    amount_decimals: 3,
    minimum_value: "1",
    minimum_reference: "",
    maker_fee: "0.001",
    taker_fee: "0.002",
  } as MarketInfo,
  base: { decimals: 8 } as CurrencyInfo,
  quote: { decimals: 6 } as CurrencyInfo,
};

const BUY: Ticket = {
  side: "buy",
  type: "limit",
  price: "2000.50",
  stopPrice: "",
  amount: "0.25",
  value: "",
  byValue: false,
  timeInForce: "gtc",
  postOnly: false,
};
const SELL: Ticket = { ...BUY, side: "sell" };

describe("an estimate", () => {
  it("of a limit buy: its value is paid, the fee comes out of the coins", () => {
    expect(estimate(BUY, rules, [])).toEqual({
      total: 500_125000n,
      fee: 50000n,
      received: 24_950000n,
    });
  });

  it("of a limit sell: the fee comes out of the money, rounded up", () => {
    const one = { ...SELL, price: "0.01", amount: "0.001" }; // worth 0.00001 CNY
    expect(estimate(one, rules, [])).toEqual({ total: 10n, fee: 1n, received: 9n });
  });

  it("of a post-only order has the maker's fee", () => {
    expect(estimate({ ...BUY, postOnly: true }, rules, [])?.fee).toBe(25000n);
  });

  it("of a market order goes through the book from the best price on", () => {
    const asks = [
      { price: 200000n, amount: 100n },
      { price: 210000n, amount: 500n },
    ];
    const buy: Ticket = { ...BUY, type: "market", amount: "0.2" };
    expect(estimate(buy, rules, asks)?.total).toBe(410_000000n); // 0.1 at 2000, 0.1 at 2100
  });

  it("of a market buy by value spends no more than that", () => {
    const asks = [{ price: 200000n, amount: 5000n }];
    const buy: Ticket = { ...BUY, type: "market", byValue: true, amount: "", value: "99.99" };
    expect(estimate(buy, rules, asks)).toEqual({
      total: 98_000000n,
      fee: 9800n,
      received: 4890200n,
    });
  });

  it("there is none of an empty book", () => {
    expect(estimate({ ...BUY, type: "market" }, rules, [])).toBeNull();
  });
});

describe("a problem", () => {
  it("is found in the first field that has one", () => {
    expect(problemOf({ ...BUY, price: "" }, rules, null)).toEqual({
      field: "price",
      fault: "missing",
    });
    expect(problemOf({ ...BUY, price: "2,5" }, rules, null)?.fault).toBe("malformed");
    expect(problemOf({ ...BUY, price: "2.555" }, rules, null)?.fault).toBe("decimals");
    expect(problemOf({ ...BUY, amount: "0" }, rules, null)).toEqual({
      field: "amount",
      fault: "zero",
    });
    expect(problemOf({ ...BUY, type: "stop" }, rules, null)?.field).toBe("stopPrice");
  });

  it("is having too little", () => {
    expect(problemOf(BUY, rules, 500_124999n)).toEqual({ field: "amount", fault: "funds" });
    expect(problemOf(BUY, rules, 500_125000n)).toBeNull();
    expect(problemOf(SELL, rules, 24_999999n)?.fault).toBe("funds");
    expect(problemOf(SELL, rules, 25_000000n)).toBeNull();
  });

  it("is being worth too little", () => {
    expect(problemOf({ ...BUY, price: "0.99", amount: "1" }, rules, null)?.fault).toBe("minimum");
  });
});

describe("an order", () => {
  it("says what its kind has, and nothing else", () => {
    expect(orderItem("BTC-CNY", BUY)).toEqual({
      market: "BTC-CNY",
      type: "buy",
      order_type: "limit",
      price: "2000.50",
      amount: "0.25",
      time_in_force: "gtc",
    });
    const value: Ticket = { ...BUY, type: "market", byValue: true, value: "50" };
    expect(orderItem("BTC-CNY", value)).toEqual({
      market: "BTC-CNY",
      type: "buy",
      order_type: "market",
      value: "50",
    });
    const stop: Ticket = { ...SELL, type: "stop", stopPrice: "1990", postOnly: true };
    expect(orderItem("BTC-CNY", stop)).toMatchObject({ stop_price: "1990", post_only: true });
    expect(orderItem("BTC-CNY", stop)).not.toHaveProperty("time_in_force");
  });

  it("writes decimals as the exchange reads them, however they were typed", () => {
    for (const [typed, written] of [
      ["1.", "1"],
      [".5", "0.5"],
      ["00.10", "0.10"],
      [" 7 ", "7"],
    ] as const)
      expect(orderItem("BTC-CNY", { ...BUY, price: typed, amount: typed })).toMatchObject({
        price: written,
        amount: written,
      });
  });
});

it("what is affordable is worth no more than what there is", () => {
  const lots = affordable(1_000000n, 300n, rules);
  expect(lots).toBe(333n);
  expect(valueOf(300n, lots, rules)).toBeLessThanOrEqual(1_000000n);
});

it("a fee is never rounded down", () => {
  expect(feeOf(1n, "0.001")).toBe(1n);
  expect(feeOf(1000n, "0.001")).toBe(1n);
  expect(feeOf(1001n, "0.001")).toBe(2n);
  expect(feeOf(1000n, "0")).toBe(0n);
});
