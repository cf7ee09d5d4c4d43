/** Something that a request brings: until then null, and afterwards what was wrong, in words. */

import { inWords } from "../api/client";
import { session } from "../state/session.svelte";

export class Loaded<T> {
  data = $state.raw<T | null>(null);
  problem = $state("");
  #newest = 0;

  /** An earlier request that comes in later changes nothing. */
  async load(request: () => Promise<T>): Promise<void> {
    const mine = ++this.#newest;
    try {
      const data = await request();
      if (mine !== this.#newest) return;
      this.data = data;
      this.problem = "";
    } catch (error) {
      session.heed(error);
      if (mine === this.#newest) this.problem = inWords(error);
    }
  }
}
