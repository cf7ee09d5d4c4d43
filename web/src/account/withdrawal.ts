/** What a withdrawal costs and what arrives, before it is sent: the exchange's own rule. */

import type { CurrencyInfo } from "../api/types";
import { dividedUp, exact } from "../money/decimal";

const RATE_DECIMALS = 6;
const RATE_ONE = 10n ** BigInt(RATE_DECIMALS);

export interface Cost {
  fee: bigint;
  arrives: bigint;
}

/** Of `amount`, which the fee is part of; both count units of 10^-decimals. */
export function cost(amount: bigint, currency: CurrencyInfo): Cost {
  const rate = exact(currency.withdrawal_fee_rate, RATE_DECIMALS);
  const from = exact(currency.withdrawal_fee_rate_from, currency.decimals);
  const flat = exact(currency.withdrawal_fee, currency.decimals);
  const fee = rate && amount >= from ? dividedUp(amount * rate, RATE_ONE) : flat;
  return { fee, arrives: amount > fee ? amount - fee : 0n };
}
