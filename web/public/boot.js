// Before the first paint: the chosen theme, so that nothing flashes. All else is in src/.
(() => {
  const root = document.documentElement;
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("coinport.settings") || "{}");
  } catch {
    // no storage, or not ours: what the system prefers
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = chosen.theme || "system";
  root.dataset.theme = theme === "system" ? (dark ? "dark" : "light") : theme;
  root.dataset.up = chosen.up || "green";
})();
