/** Tables as files, made in the browser. */

/** Excel reads Chinese only with it. */
const BYTE_ORDER_MARK = "\uFEFF";
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

/** Hand it to the person as a file. */
export function save(name: string, text: string, type = "text/csv"): void {
  const mark = type === "text/csv" ? BYTE_ORDER_MARK : "";
  const url = URL.createObjectURL(new Blob([mark + text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
