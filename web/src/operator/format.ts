/** Times, shares and statuses as people read them. */

import { second } from "../i18n/moments";
import { say } from "../i18n/texts";
import { t } from "./texts";

/** Empty where there is none. */
export function moment(ms: number | null): string {
  return ms ? second(ms) : "";
}

export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours >= 24
    ? say(t.days, { n: Math.floor(hours / 24), hours: hours % 24 })
    : say(t.hours, { n: hours, minutes: minutes % 60 });
}

/** To the tenth: what is measured is never more exact than that. */
export function milliseconds(...figures: string[]): string {
  return `${figures.map((figure) => Number(figure).toFixed(1)).join(" / ")} ms`;
}

/** "0.0015" is "0.15 %"; moved in the text, so that nothing is rounded. */
export function percent(share: string): string {
  const [whole = "0", fraction = ""] = share.split(".");
  const moved = fraction.padEnd(2, "0");
  const left = `${whole}${moved.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const right = moved.slice(2).replace(/0+$/, "");
  return `${right ? `${left}.${right}` : left} %`;
}

/** "0.0015" is "1500". */
export function partsPerMillion(share: string): string {
  const [whole = "0", fraction = ""] = share.split(".");
  return `${whole}${fraction.padEnd(6, "0").slice(0, 6)}`.replace(/^0+(?=\d)/, "");
}

/** Statuses of transfers with which nothing more is to be done. */
export const OVER: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

export function statusText(status: string): string {
  return (t as Record<string, string>)[`st_${status}`] ?? status;
}
