import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, type AST } from "svelte/compiler";
import { expect, it } from "vitest";
import { settings } from "../state/settings.svelte";
import { pairsOf, say, texts } from "./texts";

const SOURCE = join(import.meta.dirname, "..");
const catalogs = import.meta.glob<Record<string, object>>(["../**/texts.ts", "../api/codes.ts"], {
  eager: true,
});

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

it("a text changes with the language, and its places are filled", () => {
  const t = texts({ orders: ["{n} orders", "{n} 个委托"] });
  settings.language = "en";
  expect(say(t.orders, { n: 3 })).toBe("3 orders");
  settings.language = "zh";
  expect(say(t.orders, { n: 3 })).toBe("3 个委托");
});

it("every text is there in both languages, with the same places", () => {
  const seen = Object.entries(catalogs).flatMap(([file, module]) =>
    Object.values(module).flatMap((catalog) =>
      Object.entries(pairsOf(catalog) ?? {}).map(([name, pair]) => ({ file, name, pair })),
    ),
  );
  expect(seen.length).toBeGreaterThan(150);
  for (const { file, name, pair } of seen) {
    const [en, zh] = pair;
    expect(en.trim(), `${file}: ${name} in English`).not.toBe("");
    expect(zh.trim(), `${file}: ${name} in Chinese`).not.toBe("");
    expect(/[\u4e00-\u9fff]/.test(en), `${file}: ${name} is not English`).toBe(false);
    expect(places(zh), `${file}: ${name}`).toEqual(places(en));
  }
});

/** Said to be the same in every language. */
const NEUTRAL = new Set(["coinport", "DEMO", "favorites"]);
const SPOKEN = new Set(["aria-label", "title", "placeholder", "alt", "label"]);

it("no text stands in a component, only in a catalog", () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" });
  const components = files.filter((file) => file.endsWith(".svelte"));
  expect(components.length).toBeGreaterThan(10);
  const found = components.flatMap((file) => {
    const root = parse(readFileSync(join(SOURCE, file), "utf8"), { modern: true });
    return spoken(root.fragment).map((text) => `${file}: ${text}`);
  });
  expect(found).toEqual([]);
});

function spoken(node: unknown, spokenHere = true): string[] {
  if (Array.isArray(node)) return node.flatMap((each) => spoken(each, spokenHere));
  if (typeof node !== "object" || node === null) return [];
  const { type } = node as { type?: string };
  if (type === "Text") {
    const text = (node as AST.Text).data.trim();
    const words = /\p{L}{2,}/u.test(text) && !NEUTRAL.has(text);
    return spokenHere && words ? [text] : [];
  }
  if (type === "Attribute") {
    const { name, value } = node as AST.Attribute;
    return SPOKEN.has(name) ? spoken(value) : [];
  }
  if (type === "SvelteHead") return [];
  return Object.entries(node)
    .filter(([name]) => name !== "metadata" && name !== "expression")
    .flatMap(([, child]) => spoken(child, spokenHere));
}
