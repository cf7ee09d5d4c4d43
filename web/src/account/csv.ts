/** Tables as files, made in the browser. */

const FIGURE = /^-?[\d.]+$/;
const FORMULA = /^[=+\-@\t\r]/;

export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function cell(text: string): string {
  // What a stranger wrote (a memo, say) must not be run as a formula.
  const harmless = FORMULA.test(text) && !FIGURE.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
