/** Who is logged in, in this browser. */

import {
  ACCOUNT_UNAVAILABLE,
  ApiError,
  NOT_AUTHENTICATED,
  get,
  post,
  xsrfToken,
} from "../api/client";
import { socket } from "../api/socket.svelte";
import type { Profile } from "../api/types";

/** Codes by which a session is known to be over. */
const OVER = new Set([NOT_AUTHENTICATED, ACCOUNT_UNAVAILABLE]);

class Session {
  /** null: nobody. */
  profile = $state<Profile | null>(null);
  /** Whether it has been found out; until then neither "log in" nor a name is shown. */
  known = $state(false);

  /** After the page was loaded: is there still a session? Raises Unreachable. */
  async restore(): Promise<void> {
    try {
      this.profile = xsrfToken() ? await get<Profile>("/user/profile") : null;
    } catch (error) {
      // An exchange that is busy, or just starting, has not said that the session is over.
      if (!(error instanceof ApiError) || !OVER.has(error.code)) throw error;
      this.profile = null;
    }
    this.known = true;
  }

  /** `code` is a one-time code, where the account needs one. Raises ApiError, Unreachable. */
  async logIn(email: string, password: string, code = ""): Promise<void> {
    const credentials = new TextEncoder().encode(`${email}:${password}`);
    const headers: Record<string, string> = {
      Authorization: `Basic ${btoa(String.fromCharCode(...credentials))}`,
    };
    if (code) headers["X-Coinport-OTP"] = code;
    this.profile = await get<Profile>("/login", {}, headers);
    this.known = true;
    socket.renew();
  }

  /** A new account; it still has to log in. Raises ApiError, Unreachable. */
  async register(email: string, password: string, language: string): Promise<void> {
    const lang = language === "zh" ? "zh-CN" : "en";
    await post("/register", { email, pwdhash: password, lang });
  }

  async logOut(): Promise<void> {
    await post("/logout");
    this.profile = null;
    socket.renew();
  }

  /** To be told of what a private request raised: a session that has ended is forgotten. */
  heed(error: unknown): void {
    if (error instanceof ApiError && error.code === NOT_AUTHENTICATED) this.profile = null;
  }
}

export const session = new Session();
