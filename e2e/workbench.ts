import { expect, type Locator, type Page } from "@playwright/test";

export const LESSON = "/courses/kubernetes-services/why-services/pods-come-and-go";
export const PROMPT = /(learner|host):~\$ *$/;
export const POD_PROMPT = /\/ # *$/;

/** A lesson page as a learner uses it: a terminal to type into, tasks to look at. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, lesson = LESSON): Promise<Workbench> {
    await page.goto(lesson);
    const bench = new Workbench(page);
    // Also when a phone shows the other pane.
    await expect(page.locator(".xterm-helper-textarea")).toBeAttached();
    return bench;
  }

  get input(): Locator {
    return this.page.getByRole("textbox", { name: "Terminal input" });
  }

  get pane(): Locator {
    return this.page.getByRole("region", { name: "Terminal", exact: true });
  }

  task(id: string): Locator {
    return this.page.locator(`[data-task="${id}"]`);
  }

  question(id: string): Locator {
    return this.page.locator(`[data-question="${id}"]`);
  }

  /** What the terminal shows, without the empty space at its end. */
  async screen(): Promise<string> {
    const rows = await this.page.locator(".xterm-rows > div").allTextContents();
    return rows
      .map((row) => row.replaceAll("\u00a0", " ").trimEnd())
      .join("\n")
      .trimEnd();
  }

  async sees(what: RegExp | string, timeout = 20_000): Promise<void> {
    const match = typeof what === "string" ? expect.stringContaining(what) : expect.stringMatching(what);
    await expect.poll(() => this.screen(), { timeout }).toEqual(match);
  }

  /** Starts the sandbox by typing, and waits for the shell. */
  async start(): Promise<void> {
    await this.input.focus();
    await this.page.keyboard.type(" ");
    await expect(this.pane).toContainText("Connected", { timeout: 40_000 });
    await this.sees(PROMPT);
  }

  /** Types a line and waits until the shell (or what runs in it) asks for the next. */
  async run(command: string, prompt = PROMPT, timeout = 30_000): Promise<void> {
    await this.input.focus();
    await this.page.keyboard.type(command);
    await this.sees(tail(command));
    await this.page.keyboard.press("Enter");
    await expect
      .poll(
        async () => {
          const screen = await this.screen();
          return prompt.test(screen) && !tail(command).test(screen);
        },
        { timeout },
      )
      .toBe(true);
  }

  async stop(): Promise<void> {
    await this.page.getByRole("button", { name: "Stop this sandbox" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Stop it" }).click();
    await expect(this.pane).toContainText("You stopped it.", { timeout: 30_000 });
  }

  async isDone(taskId: string, timeout = 20_000): Promise<void> {
    await expect(this.task(taskId)).toHaveAttribute("data-state", "done", { timeout });
  }
}

/** The end of a command as the last thing on the screen; rows may break it anywhere. */
function tail(command: string): RegExp {
  const characters = Array.from(command.slice(-12), (character) => character.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`${characters.join("\\n?")}\\s*$`);
}
