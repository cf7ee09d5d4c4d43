/** Times in full, of here, the same in both languages. */

/** `day(0)` is "1970-01-01" in UTC. */
export function day(timestamp: number): string {
  const at = new Date(timestamp);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `minute(0)` is "1970-01-01 00:00" in UTC. */
export function minute(timestamp: number): string {
  const at = new Date(timestamp);
  return `${day(timestamp)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `second(0)` is "1970-01-01 00:00:00" in UTC. */
export function second(timestamp: number): string {
  return `${minute(timestamp)}:${two(new Date(timestamp).getSeconds())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
