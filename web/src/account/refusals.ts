/** What is wrong with somebody's e-mail or password, in words that say more than a code. */

import { ApiError, inWords } from "../api/client";
import { t } from "./texts";

export function told(error: unknown): string {
  const detail = error instanceof ApiError ? error.detail : "";
  if (detail.includes("old_pwdhash")) return t.oldPasswordWrong;
  if (detail.includes("pwdhash")) return t.passwordUnusable;
  return /[:：] ?email/.test(detail) ? t.emailUnusable : inWords(error);
}
