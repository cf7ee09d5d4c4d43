import { describe, expect, it } from "vitest";
import { areaOf } from "./areas";
import { destination } from "./destination";

const ORIGIN = "https://coinport.example";
const after = (next: string) => destination("/login", `?${new URLSearchParams({ next })}`, ORIGIN);

describe("who has come in goes", () => {
  it("to where he wanted to go", () => {
    expect(after("/account/withdraw/BTC")).toBe("/account/withdraw/BTC");
    expect(after("/operator?a=1")).toBe("/operator?a=1");
    expect(destination("/register", "?next=%2Ffees", ORIGIN)).toBe("/fees");
  });

  it("home where he said nothing", () => {
    expect(destination("/login", "", ORIGIN)).toBe("/trade");
  });

  it.each([
    "https://evil.example/trade",
    "//evil.example/trade",
    "/\\evil.example/trade",
    "\\\\evil.example/trade",
    "/\t/evil.example/trade",
    "javascript:alert(1)",
    "trade",
    "/api/v2/logout",
    "/trade/../api/v2/logout",
    "/login?next=/login",
    "/register",
    "/no-such-area",
    "/trade/%",
    "/%00",
    "",
  ])("never to %j", (next) => {
    expect(after(next)).toBe("/trade");
  });
});

it("where one is leads to itself, and what is no place leads home", () => {
  expect(destination("/reserves/BTC", "?x=1", ORIGIN)).toBe("/reserves/BTC?x=1");
  expect(destination("/no-such-area", "", ORIGIN)).toBe("/trade");
});

it("a path that cannot be decoded is none of this page's", () => {
  expect(areaOf("/trade/%")).toBeNull();
  expect(areaOf("/trade/BTC-CNY")).toEqual({ name: "trade", segments: ["BTC-CNY"] });
});
