import type { ITheme } from "@xterm/xterm";

/** The terminal is dark in both themes; its colours come from the tokens that hold where it stands. */
export function xtermTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: token("--surface"),
    foreground: token("--ink"),
    cursor: token("--buoy"),
    cursorAccent: token("--surface"),
    selectionBackground: "#2f4d63",
    black: "#26384a",
    red: token("--flare"),
    green: token("--kelp"),
    yellow: token("--sand"),
    blue: token("--sea"),
    magenta: "#c9a2e8",
    cyan: "#6fd3d0",
    white: "#c8d4dc",
    brightBlack: token("--muted"),
    brightRed: "#ffb0a8",
    brightGreen: "#93e3b3",
    brightYellow: "#f2cd72",
    brightBlue: "#97d0f4",
    brightMagenta: "#dcc0f2",
    brightCyan: "#99e5e2",
    brightWhite: token("--ink"),
  };
}
