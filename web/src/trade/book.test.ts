import { describe, expect, it } from "vitest";
import type { Level } from "../api/types";
import { Book, rows, type BookLevel } from "./book";

function book(asks: Level[], bids: Level[] = []): Book {
  const made = new Book(2, 3);
  made.replace({ sequence: 10, asks, bids });
  return made;
}

const prices = (levels: readonly BookLevel[]) => levels.map((level) => level.price);

describe("a book", () => {
  it("takes in a level wherever it belongs", () => {
    const it_ = book(
      [
        ["2", "1"],
        ["4", "1"],
      ],
      [
        ["1.5", "1"],
        ["1", "1"],
      ],
    );
    const fits = it_.apply({
      sequence: 12,
      prev: 10,
      asks: [
        ["3", "1"],
        ["1.99", "1"],
        ["5", "1"],
      ],
      bids: [
        ["1.75", "1"],
        ["1.25", "1"],
        ["0.5", "1"],
      ],
    });
    expect(fits).toBe(true);
    expect(prices(it_.asks)).toEqual([199n, 200n, 300n, 400n, 500n]);
    expect(prices(it_.bids)).toEqual([175n, 150n, 125n, 100n, 50n]);
    expect(it_.sequence).toBe(12);
  });

  it("has the newest amount of a level, and none that is gone", () => {
    const it_ = book([
      ["2", "1"],
      ["3", "1"],
    ]);
    it_.apply({
      sequence: 11,
      prev: 10,
      asks: [
        ["2", "0"],
        ["3", "7.5"],
      ],
      bids: [],
    });
    expect(it_.asks).toEqual([{ price: 300n, amount: 7500n }]);
  });

  it("does not mind a level that is gone and was never known", () => {
    const it_ = book([["2", "1"]]);
    expect(it_.apply({ sequence: 11, prev: 10, asks: [["9", "0"]], bids: [] })).toBe(true);
    expect(prices(it_.asks)).toEqual([200n]);
  });

  it("refuses a difference that does not follow, and stays as it was", () => {
    const it_ = book([["2", "1"]]);
    expect(it_.apply({ sequence: 13, prev: 12, asks: [["2", "0"]], bids: [] })).toBe(false);
    expect(prices(it_.asks)).toEqual([200n]);
    expect(it_.sequence).toBe(10);
  });

  it("after many random differences is what a plain table of the same differences is", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const it_ = book([]);
    const table = new Map<bigint, bigint>();
    for (let sequence = 11; sequence < 2011; sequence++) {
      const price = 1 + random(60);
      const amount = random(3);
      const level: Level = [`0.${String(price).padStart(2, "0")}`, String(amount)];
      it_.apply({ sequence, prev: sequence - 1, asks: [level], bids: [level] });
      table.set(BigInt(price), BigInt(amount) * 1000n);
    }
    const expected = [...table]
      .filter(([, amount]) => amount > 0n)
      .sort(([one], [other]) => Number(one - other))
      .map(([price, amount]) => ({ price, amount }));
    expect(expected.length).toBeGreaterThan(20);
    expect(it_.asks).toEqual(expected);
    expect(it_.bids).toEqual(expected.toReversed());
  });
});

describe("rows of a book", () => {
  const asks: Level[] = [
    ["1.01", "1"],
    ["1.09", "2"],
    ["1.10", "3"],
    ["1.11", "4"],
  ];

  it("carry the sum up to them", () => {
    expect(rows(book(asks).asks, "asks", 1n, 3)).toEqual([
      { price: 101n, amount: 1000n, total: 1000n },
      { price: 109n, amount: 2000n, total: 3000n },
      { price: 110n, amount: 3000n, total: 6000n },
    ]);
  });

  it("never promise a better price: asks go up to a group, bids down", () => {
    expect(rows(book(asks).asks, "asks", 10n, 9)).toEqual([
      { price: 110n, amount: 6000n, total: 6000n },
      { price: 120n, amount: 4000n, total: 10000n },
    ]);
    const bids: Level[] = [
      ["1.11", "4"],
      ["1.10", "3"],
      ["1.09", "2"],
    ];
    expect(rows(book([], bids).bids, "bids", 10n, 9)).toEqual([
      { price: 110n, amount: 7000n, total: 7000n },
      { price: 100n, amount: 2000n, total: 9000n },
    ]);
  });
});
