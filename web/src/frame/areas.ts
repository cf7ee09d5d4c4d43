/** The areas of the page: each is loaded when somebody goes there, with its texts and style. */

import type { Component } from "svelte";

/** `segments` is the path after the area's own: ["BTC-CNY"] of /trade/BTC-CNY. */
export type AreaComponent = Component<{ segments: string[] }>;
type Load = () => Promise<{ default: AreaComponent }>;

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

export function areaOf(path: string): Found | null {
  const [name = "", ...segments] = path.split("/").slice(1).filter(Boolean).map(decodeURIComponent);
  return Object.hasOwn(AREAS, name) ? { name, segments } : null;
}
