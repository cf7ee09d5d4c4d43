/** Attributes of what may be wider than the screen: the keyboard must reach it to scroll it. */
export function scrollable(label: string) {
  return { tabindex: 0, role: "region", "aria-label": label } as const;
}
