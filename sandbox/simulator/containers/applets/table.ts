import type { Applet } from "./applet";
import { archiveApplets } from "./archive";
import { catApplets } from "./cat";
import { curl } from "./curl";
import { columnApplets } from "./cut-paste";
import { printApplets } from "./echo-printf";
import { encodingApplets } from "./encoding";
import { fileApplets } from "./files";
import { find } from "./find";
import { headTailApplets } from "./head-tail";
import { identityApplets } from "./identity";
import { lineLayoutApplets } from "./line-layout";
import { lineOrderApplets } from "./line-order";
import { listingApplets } from "./listing";
import { networkApplets } from "./network";
import { processApplets } from "./process-tools";
import { searchApplets } from "./search";
import { lineSourceApplets } from "./seq-yes";
import { sortApplets } from "./sort-uniq";
import { tee } from "./tee";
import { tr } from "./tr";
import { wc } from "./wc";
import { webApplets } from "./web";

/** Every tool by name. Which of them an image has is the image's affair. */
export const applets: ReadonlyMap<string, Applet> = new Map([
  ...catApplets,
  ...printApplets,
  ...headTailApplets,
  ...sortApplets,
  ...columnApplets,
  ...lineSourceApplets,
  ...lineLayoutApplets,
  ...lineOrderApplets,
  ...encodingApplets,
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
  ["tee", tee],
  ["tr", tr],
  ["wc", wc],
]);
