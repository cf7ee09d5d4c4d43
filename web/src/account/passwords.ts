/** What is asked of a new password on the page: it goes to the exchange as it is typed. */
import { say } from "../i18n/texts";
import { t } from "./texts";

const LENGTH_MIN = 8;

export function passwordHint(): string {
  return say(t.passwordLength, { length: LENGTH_MIN });
}

/** What is wrong with it, in words; empty where nothing is. */
export function objection(password: string, again: string): string {
  if (password.length < LENGTH_MIN) return passwordHint();
  return password === again ? "" : t.passwordsDiffer;
}
