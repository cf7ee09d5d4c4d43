/** What a person has chosen for this browser: language, theme, and which color means "up". */

export type Language = "en" | "zh";
export type Theme = "system" | "dark" | "light";
export type UpColor = "green" | "red";

interface Chosen {
  language: Language;
  theme: Theme;
  up: UpColor;
}

/** public/boot.js reads it too, before the first paint. */
const STORED_AS = "coinport.settings";

function stored(): Partial<Chosen> {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as Partial<Chosen>;
  } catch {
    return {}; // no storage, or not ours
  }
}

function preferred(): Language {
  return globalThis.navigator?.language?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export const settings: Chosen = $state({
  language: preferred(),
  theme: "system",
  up: "green",
  ...stored(),
});

const systemIsDark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
let systemDark = $state(systemIsDark?.matches ?? false);
systemIsDark?.addEventListener("change", (event) => (systemDark = event.matches));

/** The theme that is shown; "system" is resolved. */
export function shownTheme(): "dark" | "light" {
  if (settings.theme !== "system") return settings.theme;
  return systemDark ? "dark" : "light";
}

/** Keep the document and the storage as the settings say, from now on. */
export function applySettings(): void {
  $effect.root(() => {
    $effect(() => {
      const root = document.documentElement;
      root.lang = settings.language === "zh" ? "zh-CN" : "en";
      root.dataset["theme"] = shownTheme();
      root.dataset["up"] = settings.up;
      try {
        localStorage.setItem(STORED_AS, JSON.stringify(settings));
      } catch {
        // a private window without storage: it holds until the page is left
      }
    });
  });
}
