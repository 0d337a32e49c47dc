import { BUSYBOX_APPLETS } from "../images/busybox";
import type { Process } from "../processes/process";
import { shellProgram } from "../shell/shell-program";
import { BUSYBOX_VERSION } from "./applet";
import { applets } from "./table";

/** The busybox program: what it does depends on the name it was called by. */
export async function busybox(process: Process): Promise<number> {
  const { name } = process;
  if (name !== "busybox") return runApplet(process, name);
  const [, first] = process.argv;
  if (first === undefined || first === "--help") {
    await process.print(
      `${BUSYBOX_VERSION} multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list[-full]\n\nCurrently defined functions:\n\t${BUSYBOX_APPLETS.join(", ").replace(/(.{55,68}) /g, "$1\n\t")}\n`,
    );
    return 0;
  }
  if (first === "--list") {
    await process.print(BUSYBOX_APPLETS.map((applet) => `${applet}\n`).join(""));
    return 0;
  }
  process.argv = process.argv.slice(1);
  return runApplet(process, process.name);
}

async function runApplet(process: Process, called: string): Promise<number> {
  const name = called.replace(/^-/, "");
  if (name === "sh" || name === "ash") return shellProgram("ash")(process);
  const applet = applets.get(name);
  if (applet) return applet(process, { name, args: process.argv.slice(1), flavour: "busybox" });
  await process.complain(`${name}: applet not found\n`);
  return 127;
}
