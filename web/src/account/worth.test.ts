import { expect, test } from "vitest";
import type { TickerFigures } from "../api/types";
import { worth } from "./worth";

const at = (last: string): TickerFigures => ["0", "0", "0", "0", last, "0"];
const tickers = { "BTC-CNY": at("2500"), "DOGE-BTC": at("0.000004"), "NEW-CNY": at("0") };

test("what has a market is worth its last price", () => {
  expect(worth("0.5", "BTC", "CNY", tickers, 2)).toBe(125_000n);
});

test("money is worth itself", () => {
  expect(worth("12.34", "CNY", "CNY", tickers, 2)).toBe(1_234n);
});

test("a market is read in both directions", () => {
  expect(worth("5000", "CNY", "BTC", tickers, 8)).toBe(200_000_000n);
});

test("two markets are put together where there is none between", () => {
  expect(worth("1000000", "DOGE", "CNY", tickers, 2)).toBe(1_000_000n);
});

test("what never traded has no worth that could be told", () => {
  expect(worth("1", "NEW", "CNY", tickers, 2)).toBeNull();
});
