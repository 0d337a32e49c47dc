export type Theme = "light" | "dark";

const STORAGE_KEY = "slipway.theme";

/** Runs before the first paint, inline in the document's head: the chosen theme, else the system's. */
export const themeScript = `(function(){var t=null;try{t=localStorage.getItem("${STORAGE_KEY}")}catch(e){}document.documentElement.dataset.theme=t==="light"||t==="dark"?t:matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"})()`;

const listeners = new Set<() => void>();

export const themeStore = {
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  get: (): Theme => (document.documentElement.dataset.theme === "dark" ? "dark" : "light"),

  toggle(): void {
    const next: Theme = themeStore.get() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(STORAGE_KEY, next);
    } catch {
      // Storage can be refused (private windows); the choice then lasts for this page.
    }
    for (const listener of listeners) listener();
  },
};
