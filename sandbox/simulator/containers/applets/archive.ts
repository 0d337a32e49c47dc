import type { Applet } from "./applet";
import { tar } from "./tar";
import { gzip } from "./gzip";

export const archiveApplets: readonly (readonly [string, Applet])[] = [
  ["tar", tar],
  ["gzip", gzip],
  ["gunzip", gzip],
  ["zcat", gzip],
];
