import { describe, expect, it, vi } from "vitest";
import type { Candle } from "../api/types";
import { hereTime, hereTimes, joined } from "./candles";

const candle = (start: number, close = "1"): Candle => [start, "1", "1", "1", close, "0"];

describe("candles that come later", () => {
  it("replace the one that was still being made, and go on from there", () => {
    const there = [candle(60), candle(120, "1")];
    const result = joined(there, [candle(120, "2"), candle(180)]);
    expect(result.map((each) => each[0])).toEqual([60, 120, 180]);
    expect(result[1]![4]).toBe("2");
  });

  it("leave what is there when there are none", () => {
    expect(joined([candle(60)], [])).toEqual([candle(60)]);
  });
});

it("a time is moved by the distance to UTC, whatever that is on the day", () => {
  const start = 1_700_000_000;
  const offset = new Date(start * 1000).getTimezoneOffset() * 60;
  expect(hereTime(start)).toBe(start - offset);
});

it("times rise also where clocks go back, and are those of here before and after", () => {
  vi.stubEnv("TZ", "America/New_York");
  try {
    const quarters = Array.from(
      { length: 16 },
      (_, at) => Date.UTC(2026, 10, 1, 4, 15 * at) / 1000,
    );
    const here = quarters.map(hereTime);
    expect(here.some((time, at) => at > 0 && time <= here[at - 1]!)).toBe(true); // clocks go back
    const times = hereTimes(quarters.map((start) => candle(start)));
    expect(times.every((time, at) => at === 0 || time > times[at - 1]!)).toBe(true);
    expect(times[0]).toBe(hereTime(quarters[0]!));
    expect(times.at(-1)).toBe(hereTime(quarters.at(-1)!));
  } finally {
    vi.unstubAllEnvs();
  }
});
