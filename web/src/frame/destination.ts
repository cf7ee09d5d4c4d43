/** Where somebody goes who has come in. */

import { areaOf } from "./areas";

export const HOME = "/trade";
export const NEXT = "next";
const ENTRANCES: readonly (string | undefined)[] = ["login", "register"];

/** From a path of this page: that itself, but from a log-in or registration where that leads. */
export function destination(path: string, search: string, origin = location.origin): string {
  if (!ENTRANCES.includes(areaOf(path)?.name)) return areaOf(path) ? path + search : HOME;
  return own(new URLSearchParams(search).get(NEXT) ?? HOME, origin);
}

/** `path` where it is one of this page's areas, else home: whoever made the link must choose
 *  neither another site nor what else this one has. */
function own(path: string, origin: string): string {
  if (!path.startsWith("/") || !URL.canParse(path, origin)) return HOME;
  const url = new URL(path, origin);
  const area = url.origin === origin && areaOf(url.pathname)?.name;
  return area && !ENTRANCES.includes(area) ? url.pathname + url.search : HOME;
}
