/** What is listed, under which rules. Loaded once, and again after a reconnection. */

import { get } from "../api/client";
import type { CurrencyInfo, ExchangeInfo, MarketInfo } from "../api/types";

class Exchange {
  info = $state.raw<ExchangeInfo | null>(null);

  /** Raises Unreachable. */
  async load(): Promise<void> {
    this.info = await get<ExchangeInfo>("/exchange_info");
  }

  market(symbol: string): MarketInfo | undefined {
    return this.info?.markets[symbol];
  }

  currency(symbol: string): CurrencyInfo | undefined {
    return this.info?.currencies[symbol];
  }
}

export const exchange = new Exchange();
