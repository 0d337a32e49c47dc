import { applets } from "./applets/table";
import { busybox } from "./applets/busybox";
import type { Programs } from "./processes/program";
import type { Program } from "./processes/program";
import { httpd } from "./programs/httpd";
import { nginx } from "./programs/nginx";
import { coredns, pause } from "./programs/system";
import { shellProgram } from "./shell/shell-program";

/** Every program that a file of an image can stand for. */
export const programs: Programs = new Map<string, Program>([
  ["nginx", nginx],
  ["httpd", httpd],
  ["pause", pause],
  ["coredns", coredns],
  ["dash", shellProgram("dash")],
  ["bash", shellProgram("bash")],
  ["busybox", busybox],
  ...[...applets].map(([name, applet]): [string, Program] => [
    `gnu/${name}`,
    (process) => applet(process, { name, args: process.argv.slice(1), flavour: "gnu" }),
  ]),
]);
