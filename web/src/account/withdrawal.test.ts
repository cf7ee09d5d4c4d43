import { expect, test } from "vitest";
import type { CurrencyInfo } from "../api/types";
import { cost } from "./withdrawal";

const flat: CurrencyInfo = {
  decimals: 2,
  kind: "fiat",
  confirmations: 0,
  minimum_deposit: "0",
  minimum_withdrawal: "10",
  withdrawal_fee: "2",
  withdrawal_fee_rate: "0",
  withdrawal_fee_rate_from: "0",
  withdrawal_day_max: "0",
  withdrawal_confirmations: 0,
  memo: false,
  simulated: false,
  connected: true,
};

test("the fee comes out of the amount", () => {
  expect(cost(10_000n, flat)).toEqual({ fee: 200n, arrives: 9_800n });
});

test("nothing arrives where the fee takes all of it", () => {
  expect(cost(150n, flat)).toEqual({ fee: 200n, arrives: 0n });
});

test("from some amount on it is a share, rounded up", () => {
  const shared = { ...flat, withdrawal_fee_rate: "0.004", withdrawal_fee_rate_from: "500" };
  expect(cost(49_999n, shared).fee).toBe(200n);
  expect(cost(50_001n, shared).fee).toBe(201n);
});
