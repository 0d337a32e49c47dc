import { ContentError } from "../content-error";

/** A command that a lesson shows in a `<Run>`, in the order of the text. */
export interface ShownCommand {
  readonly command: string;
  /** Written as `<Run … fails />`: the lesson shows it because it does not work. */
  readonly fails: boolean;
}

const RUN = /<Run\s+(?<attributes>[^]*?)\/>/g;
const COMMAND = /\bcommand=(?:"(?<quoted>[^"]*)"|\{`(?<braced>[^`]*)`\})/;

/** All commands of a lesson's text. Throws `ContentError` for a `<Run>` whose command cannot be read. */
export function shownCommands(file: string, mdx: string): ShownCommand[] {
  return [...mdx.matchAll(RUN)].map((match) => {
    const attributes = match.groups?.attributes ?? "";
    const command = COMMAND.exec(attributes)?.groups;
    const text = command?.quoted ?? command?.braced;
    if (text === undefined || text.trim() === "") {
      throw new ContentError(file, [`give the command as command="…" or command={\`…\`}: <Run ${attributes}/>`]);
    }
    return { command: text, fails: /\bfails\b/.test(attributes.replace(COMMAND, "")) };
  });
}
