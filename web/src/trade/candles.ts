/** Candles as the chart wants them. Numbers here are for drawing only. */

import { get } from "../api/client";
import type { Candle } from "../api/types";

export const INTERVALS = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] as const;
export type Interval = (typeof INTERVALS)[number];

const SECONDS: Readonly<Record<Interval, number>> = {
  "1m": 60,
  "5m": 300,
  "15m": 900,
  "1h": 3_600,
  "4h": 14_400,
  "1d": 86_400,
  "1w": 604_800,
};

/** How many are loaded at a time. */
const LOADED = 500;

/** The `LOADED` candles before a moment in seconds, the oldest first. Raises as `get`. */
export async function loadCandles(
  market: string,
  interval: Interval,
  end = Math.floor(Date.now() / 1000),
): Promise<Candle[]> {
  const start = Math.max(0, end - SECONDS[interval] * LOADED);
  const path = `/${market.toLowerCase()}/kline`;
  return (await get<{ items: Candle[] }>(path, { interval, start, end })).items;
}

/** `newer` after what is there, each start once: of the same start, the newer one. */
export function joined(there: readonly Candle[], newer: readonly Candle[]): Candle[] {
  const first = newer[0];
  if (!first) return [...there];
  let keep = there.length;
  while (keep > 0 && there[keep - 1]![0] >= first[0]) keep -= 1;
  return [...there.slice(0, keep), ...newer];
}

/**
 * The chart knows UTC only: its times are moved so that its axis shows the time of here.
 * In seconds.
 */
export function hereTime(start: number): number {
  return start - new Date(start * 1000).getTimezoneOffset() * 60;
}

/** Of each, rising as the chart needs them: an hour that clocks go through twice is set a second
 *  apart from what was before it. */
export function hereTimes(candles: readonly Candle[]): number[] {
  let last = -Infinity;
  return candles.map(([start]) => (last = Math.max(hereTime(start), last + 1)));
}
