/** The way in, which leads back to where somebody came from. */

import { HOME, NEXT, destination } from "./destination";
import { router } from "./router.svelte";

export function entrance(name: "login" | "register"): string {
  const back = destination(router.path, router.search);
  return back === HOME ? `/${name}` : `/${name}?${new URLSearchParams({ [NEXT]: back })}`;
}
