/** Where in the page we are: the path, and links that change it without a reload. */

class Router {
  path = $state(location.pathname);
  search = $state(location.search);

  constructor() {
    addEventListener("popstate", () => this.#arrive());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** `replace`: "back" does not lead to where we came from. */
  go(path: string, { replace = false } = {}): void {
    if (path === location.pathname + location.search) return;
    history[replace ? "replaceState" : "pushState"](null, "", path);
    this.#arrive();
    if (!replace) scrollTo(0, 0);
  }

  #arrive(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Plain links of the page's own; others, and those opened elsewhere, are the browser's. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
    // A place on the page of here, such as the content that the skip link leads to.
    if (link.hash && link.pathname + link.search === location.pathname + location.search) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
