/** Of a row of links that may be wider than the screen: bring the one of here to its middle. */
export function bringIntoSight(row: HTMLElement | undefined): void {
  const here = row?.querySelector<HTMLElement>("[aria-current]");
  if (row && here) row.scrollLeft = here.offsetLeft - row.offsetLeft - row.clientWidth / 2;
}
