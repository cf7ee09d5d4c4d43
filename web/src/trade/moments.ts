/** Times as the tables show them: short, of here, the same in both languages. */

const format = new Intl.DateTimeFormat("en-GB", {
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `moment(0)` is "01-01 00:00:00" in UTC. */
export function moment(timestamp: number): string {
  const parts = Object.fromEntries(
    format.formatToParts(timestamp).map((part) => [part.type, part.value]),
  );
  return `${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
}
