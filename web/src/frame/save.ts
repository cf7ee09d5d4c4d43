/** Files made in the browser. */

/** Excel reads Chinese only with it. */
const BYTE_ORDER_MARK = "\uFEFF";

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
