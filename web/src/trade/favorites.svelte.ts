/** Favorite markets, and the one that was looked at last; of this browser. */

const FAVORITES = "coinport.favorites";
const LAST = "coinport.market";

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // without storage it holds until the page is left
  }
}

let favorites = $state.raw<readonly string[]>(stored(FAVORITES)?.split(",").filter(Boolean) ?? []);

export function isFavorite(market: string): boolean {
  return favorites.includes(market);
}

export function toggleFavorite(market: string): void {
  favorites = isFavorite(market)
    ? favorites.filter((each) => each !== market)
    : [...favorites, market];
  store(FAVORITES, favorites.join(","));
}

export function lastMarket(): string | null {
  return stored(LAST);
}

export function rememberMarket(market: string): void {
  store(LAST, market);
}
