import type { Applet } from "./applet";
import { archiveApplets } from "./archive";
import { curl } from "./curl";
import { fileApplets } from "./files";
import { find } from "./find";
import { identityApplets } from "./identity";
import { listingApplets } from "./listing";
import { networkApplets } from "./network";
import { processApplets } from "./process-tools";
import { searchApplets } from "./search";
import { textApplets } from "./text";
import { webApplets } from "./web";

/** Every tool by name. Which of them an image has is the image's affair. */
export const applets: ReadonlyMap<string, Applet> = new Map([
  ...textApplets,
  ...searchApplets,
  ...fileApplets,
  ...listingApplets,
  ...identityApplets,
  ...processApplets,
  ...networkApplets,
  ...webApplets,
  ...archiveApplets,
  ["curl", curl],
  ["find", find],
]);
