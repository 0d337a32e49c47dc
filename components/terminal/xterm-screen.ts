import type { Terminal } from "@xterm/xterm";
import type { TerminalSize } from "@/sandbox/protocol/terminal-host-api";
import type { Screen } from "./terminal-link";
import { xtermTheme } from "./xterm-theme";

export interface XtermHandlers {
  /** What the learner typed or pasted, and what the emulator answers by itself. */
  onData(text: string): void;
  onSize(size: TerminalSize): void;
  onFocus(focused: boolean): void;
  /** Asked before a link in the output is opened. */
  confirmLink(url: string): boolean;
  label: string;
  /** Takes no keys, and has the size it is told. */
  watches?: boolean;
}

/** xterm in an element: made when its code has been loaded, gone with `dispose`. */
export class XtermScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #dispose: () => void;
  readonly #fit: () => void;

  static async open(
    element: HTMLElement,
    handlers: XtermHandlers,
    signal: AbortSignal,
  ): Promise<XtermScreen | undefined> {
    const [{ Terminal }, { FitAddon }, { WebLinksAddon }, { Unicode11Addon }] = await Promise.all([
      import("@xterm/xterm"),
      import("@xterm/addon-fit"),
      import("@xterm/addon-web-links"),
      import("@xterm/addon-unicode11"),
      document.fonts.load(`14px ${monoFamily(element)}`).catch(() => []), // measured with a fallback font then
    ]);
    if (signal.aborted) return undefined;

    const openLink = (_event: MouseEvent, url: string) => {
      if (/^https?:\/\//.test(url) && handlers.confirmLink(url)) window.open(url, "_blank", "noopener,noreferrer");
    };
    const terminal = new Terminal({
      allowProposedApi: true,
      disableStdin: handlers.watches ?? false,
      screenReaderMode: true,
      scrollback: 5000,
      fontFamily: monoFamily(element),
      fontSize: matchMedia("(max-width: 767px)").matches ? 12 : 14,
      lineHeight: 1.25,
      minimumContrastRatio: 4.5,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      cursorInactiveStyle: "outline",
      theme: xtermTheme(element),
      windowOptions: {},
      linkHandler: { activate: openLink },
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.loadAddon(new WebLinksAddon(openLink));
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.open(element);
    terminal.textarea?.setAttribute("aria-label", handlers.label);
    return new XtermScreen(terminal, fit, element, handlers);
  }

  private constructor(terminal: Terminal, fit: { fit(): void }, element: HTMLElement, handlers: XtermHandlers) {
    this.#terminal = terminal;
    this.#fit = () => {
      // A hidden pane has no size; fitting to it would make the shell two columns wide.
      if (handlers.watches === true || element.clientWidth === 0 || element.clientHeight === 0) return;
      fit.fit();
      handlers.onSize({ columns: terminal.cols, rows: terminal.rows });
    };
    const subscriptions = [terminal.onData((text) => handlers.onData(text))];
    const onFocus = () => {
      this.#fit();
      handlers.onFocus(true);
    };
    const onBlur = () => handlers.onFocus(false);
    terminal.textarea?.addEventListener("focus", onFocus);
    terminal.textarea?.addEventListener("blur", onBlur);
    const observer = new ResizeObserver(() => this.#fit());
    observer.observe(element);
    this.#fit();
    this.#dispose = () => {
      observer.disconnect();
      for (const subscription of subscriptions) subscription.dispose();
      terminal.textarea?.removeEventListener("focus", onFocus);
      terminal.textarea?.removeEventListener("blur", onBlur);
      terminal.dispose();
    };
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.#terminal.write(bytes, drawn);
  }

  reset(): void {
    this.#terminal.reset();
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** A command as if it had been pasted and Enter pressed; goes through `onData`. */
  run(command: string): void {
    this.#terminal.paste(command);
    this.#terminal.input("\r");
  }

  dispose(): void {
    this.#dispose();
  }
}

function monoFamily(element: HTMLElement): string {
  return getComputedStyle(element).getPropertyValue("--font-mono") || "monospace";
}
