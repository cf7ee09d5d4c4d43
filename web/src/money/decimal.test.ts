import { describe, expect, it } from "vitest";
import {
  decimalsOf,
  dividedUp,
  exact,
  fixed,
  brief,
  grouped,
  percentChange,
  plain,
  rescaled,
  shown,
  units,
} from "./decimal";

describe("a decimal text", () => {
  it("is counted exactly, however long it is", () => {
    expect(units("92233720368.54775807", 8)).toBe(9223372036854775807n);
    expect(units("0.5", 2)).toBe(50n);
    expect(units(".5", 2)).toBe(50n);
    expect(units("5.", 2)).toBe(500n);
    expect(units("007", 0)).toBe(7n);
  });

  it("with zeros at its end has the decimals that it needs", () => {
    expect(units("1.5000", 1)).toBe(15n);
  });

  it("with more decimals than there are is not rounded but refused", () => {
    expect(units("0.123", 2)).toBeNull();
  });

  it.each(["", ".", "-1", "1e5", "1,5", "0x1", "one", "1.2.3", "+1", "١"])(
    "%j is not one",
    (text) => expect(units(text, 8)).toBeNull(),
  );

  it("that the server should not have sent is an error", () => {
    expect(() => exact("1e5", 2)).toThrow("1e5");
  });
});

describe("a count", () => {
  it("is written with all its decimals or with those it needs", () => {
    expect(fixed(150n, 2)).toBe("1.50");
    expect(plain(150n, 2)).toBe("1.5");
    expect(plain(100n, 2)).toBe("1");
    expect(fixed(5n, 8)).toBe("0.00000005");
    expect(fixed(-5n, 2)).toBe("-0.05");
    expect(plain(100n, 0)).toBe("100");
  });

  it("goes to other decimals towards zero", () => {
    expect(rescaled(15n, 1, 3)).toBe(1500n);
    expect(rescaled(1599n, 3, 1)).toBe(15n);
  });

  it("is divided upwards where a fee is", () => {
    expect(dividedUp(10n, 5n)).toBe(2n);
    expect(dividedUp(11n, 5n)).toBe(3n);
    expect(dividedUp(0n, 5n)).toBe(0n);
  });
});

describe("for reading", () => {
  it("a figure in a narrow column has as many decimals as there is room for", () => {
    expect(brief("0.1234", 8)).toBe("0.1234");
    expect(brief("1101448.6447", 8)).toBe("1,101,448.6");
    expect(brief("471690618.5277", 8)).toBe("471,690,618");
    expect(brief("12345678.9", 8)).toBe("12,345,678");
    expect(brief("7", 8)).toBe("7");
  });

  it("a figure is grouped by thousands, its decimals are not", () => {
    expect(grouped("1234567.12345")).toBe("1,234,567.12345");
    expect(grouped("999")).toBe("999");
  });

  it("a figure gets the decimals of its column and loses none", () => {
    expect(shown("1234.5", 2)).toBe("1,234.50");
    expect(shown("0.12345", 2)).toBe("0.12345");
    expect(shown("3", 0)).toBe("3");
  });

  it("a change is a percentage with its sign", () => {
    expect(percentChange("100", "101.25")).toBe("+1.25");
    expect(percentChange("100", "98.5")).toBe("-1.50");
    expect(percentChange("100", "100")).toBe("0.00");
    expect(percentChange("0", "5")).toBe("");
  });

  it("decimals can be counted", () => {
    expect(decimalsOf("0.010")).toBe(3);
    expect(decimalsOf("10")).toBe(0);
  });
});
