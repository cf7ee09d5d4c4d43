/** Texts in both languages, side by side: a missing one is a type error. */

import { settings } from "../state/settings.svelte";

export type Pair = readonly [en: string, zh: string];
type Pairs = Readonly<Record<string, Pair>>;

const PAIRS = Symbol("pairs");

/**
 * An area's catalog. `t.buy` is the text in the language of now; read in a component, it changes
 * with the language. A text may have `{places}`, see `say`.
 */
export function texts<T extends Pairs>(pairs: T): { readonly [Name in keyof T]: string } {
  const catalog = {};
  for (const [name, [en, zh]] of Object.entries(pairs)) {
    Object.defineProperty(catalog, name, {
      enumerable: true,
      get: () => (settings.language === "zh" ? zh : en),
    });
  }
  Object.defineProperty(catalog, PAIRS, { value: pairs });
  return catalog as { readonly [Name in keyof T]: string };
}

/** For the test that finds what is missing. */
export function pairsOf(catalog: object): Pairs | undefined {
  return (catalog as { [PAIRS]?: Pairs })[PAIRS];
}

/** `say("{n} orders", { n: 3 })` is "3 orders". */
export function say(text: string, places: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}
