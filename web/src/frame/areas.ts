/** The areas of the page: each is loaded when somebody goes there, with its texts and style. */

import type { Component } from "svelte";

/** `segments` is the path after the area's own: ["BTC-CNY"] of /trade/BTC-CNY. */
export type AreaComponent = Component<{ segments: string[] }>;
export type Load = () => Promise<{ default: AreaComponent }>;

const account: Load = () => import("../account/Area.svelte");
const publicArea: Load = () => import("../public/Area.svelte");

/** By the path's first segment. The server knows the same list: gateway/page_files.py. */
export const AREAS: Readonly<Record<string, Load>> = {
  trade: () => import("../trade/Area.svelte"),
  login: account,
  register: account,
  account,
  markets: publicArea,
  fees: publicArea,
  reserves: publicArea,
  operator: () => import("../operator/Area.svelte"),
};

export interface Found {
  name: string;
  segments: string[];
}

/** null: none, or the path cannot even be decoded. */
export function areaOf(path: string): Found | null {
  try {
    const parts = path.split("/").slice(1).filter(Boolean).map(decodeURIComponent);
    const [name = "", ...segments] = parts;
    return Object.hasOwn(AREAS, name) ? { name, segments } : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
