/** Something that a request brings: until then null, and afterwards what was wrong, in words. */

import { ACCOUNT_UNAVAILABLE, ApiError, NOT_PERMITTED, inWords } from "../api/client";
import { session } from "../state/session.svelte";

const REFUSALS = new Set([NOT_PERMITTED, ACCOUNT_UNAVAILABLE]);

export class Loaded<T> {
  data = $state.raw<T | null>(null);
  problem = $state("");
  /** A request is under way. */
  busy = $state(false);
  /** The exchange said that the caller may not; all else that goes wrong may go well again. */
  refused = $state(false);
  #newest = 0;

  /** An earlier request that comes in later changes nothing. */
  async load(request: () => Promise<T>): Promise<void> {
    const mine = ++this.#newest;
    this.busy = true;
    try {
      const data = await request();
      if (mine !== this.#newest) return;
      this.data = data;
      this.problem = "";
      this.refused = false;
    } catch (error) {
      session.heed(error);
      if (mine !== this.#newest) return;
      this.problem = inWords(error);
      this.refused = error instanceof ApiError && REFUSALS.has(error.code);
    } finally {
      if (mine === this.#newest) this.busy = false;
    }
  }
}
