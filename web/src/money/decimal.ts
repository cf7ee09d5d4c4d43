/**
 * Exact decimals. Money is text outside and a BigInt inside, counted in units of 10^-decimals, as
 * on the server. `Number` is for drawing only, and never comes back.
 */

const PATTERN = /^(\d*)(?:\.(\d*))?$/;

/** `units("0.5", 2)` is 50n; null where it is no such count: nothing is ever rounded. */
export function units(text: string, decimals: number): bigint | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const whole = match[1] ?? "";
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if ((!whole && match[2] === undefined) || (!whole && !match[2])) return null;
  if (fraction.length > decimals) return null;
  return BigInt((whole || "0") + fraction.padEnd(decimals, "0"));
}

/** As `units`, of what the server said, which is always well formed. */
export function exact(figure: string, decimals: number): bigint {
  const counted = units(figure, decimals);
  if (counted === null) throw new Error(`not a decimal with ${decimals} decimals: ${figure}`);
  return counted;
}

/** How many decimals a text has. */
export function decimalsOf(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

/** `fixed(150n, 2)` is "1.50". */
export function fixed(count: bigint, decimals: number): string {
  const sign = count < 0n ? "-" : "";
  const digits = String(count < 0n ? -count : count).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return sign + digits.slice(0, cut) + (decimals ? `.${digits.slice(cut)}` : "");
}

/** `plain(150n, 2)` is "1.5". */
export function plain(count: bigint, decimals: number): string {
  const text = fixed(count, decimals);
  return decimals ? text.replace(/\.?0+$/, "") : text;
}

/** `grouped("1234567.5")` is "1,234,567.5". */
export function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const parted = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? parted : `${parted}.${fraction}`;
}

/** For reading: grouped, and with exactly so many decimals. Digits are added, never lost. */
export function shown(figure: string, decimals: number): string {
  const [whole = "0", fraction = ""] = figure.split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(decimals, "0");
  return grouped(kept ? `${whole}.${kept}` : whole);
}

/** For a narrow column: grouped, with as many decimals as there is room for in so many digits; the
 *  rest is cut off. `brief("1101448.6447", 8)` is "1,101,448.6". */
export function brief(text: string, digits: number): string {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.slice(0, Math.max(0, digits - whole.length));
  return grouped(kept ? `${whole}.${kept}` : whole);
}

/** The same unit at another number of decimals; towards zero where that is fewer. */
export function rescaled(count: bigint, from: number, to: number): bigint {
  return to >= from ? count * 10n ** BigInt(to - from) : count / 10n ** BigInt(from - to);
}

/** Division that rounds up, as the exchange rounds its fees. Both are at least 0. */
export function dividedUp(count: bigint, by: bigint): bigint {
  return (count + by - 1n) / by;
}

/** Change in percent with two decimals and a sign, "+1.25"; "" where there is nothing before. */
export function percentChange(before: string, after: string): string {
  const decimals = Math.max(decimalsOf(before), decimalsOf(after));
  const old = exact(before, decimals);
  if (old === 0n) return "";
  const change = ((exact(after, decimals) - old) * 10_000n) / old;
  return (change > 0n ? "+" : "") + fixed(change, 2);
}
