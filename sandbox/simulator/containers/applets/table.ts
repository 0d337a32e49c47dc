import type { Applet } from "./applet";
import { archiveApplets } from "./archive";
import { awk } from "./awk/awk";
import { catApplets } from "./cat";
import { copyApplets } from "./copy-move";
import { curl } from "./curl";
import { cmp } from "./compare";
import { checksumApplets } from "./checksums";
import { comm } from "./comm";
import { columnApplets } from "./cut-paste";
import { diskUsageApplets } from "./disk-usage";
import { stat } from "./stat";
import { dd } from "./dd";
import { diff } from "./diff/diff";
import { directoryApplets } from "./directories";
import { printApplets } from "./echo-printf";
import { dumpApplets } from "./dumps";
import { encodingApplets } from "./encoding";
import { find } from "./find";
import { headTailApplets } from "./head-tail";
import { identityApplets } from "./identity";
import { lineLayoutApplets } from "./line-layout";
import { lineOrderApplets } from "./line-order";
import { less } from "./pager/less";
import { more } from "./pager/more";
import { linkApplets } from "./links";
import { ls } from "./ls";
import { networkApplets } from "./network";
import { pathNameApplets } from "./path-names";
import { permissionApplets } from "./permissions";
import { processApplets } from "./process-tools";
import { removeApplets } from "./remove";
import { searchApplets } from "./search";
import { lineSourceApplets } from "./seq-yes";
import { sortApplets } from "./sort-uniq";
import { split } from "./split";
import { strings } from "./strings";
import { tee } from "./tee";
import { touchApplets } from "./touch-truncate";
import { tr } from "./tr";
import { vi } from "./vi/vi";
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
  ...checksumApplets,
  ...dumpApplets,
  ...searchApplets,
  ...directoryApplets,
  ...removeApplets,
  ...touchApplets,
  ...copyApplets,
  ...linkApplets,
  ...permissionApplets,
  ...pathNameApplets,
  ...diskUsageApplets,
  ...identityApplets,
  ...processApplets,
  ...networkApplets,
  ...webApplets,
  ...archiveApplets,
  ["awk", awk],
  ["cmp", cmp],
  ["comm", comm],
  ["curl", curl],
  ["dd", dd],
  ["diff", diff],
  ["find", find],
  ["less", less],
  ["ls", ls],
  ["more", more],
  ["split", split],
  ["stat", stat],
  ["strings", strings],
  ["tee", tee],
  ["tr", tr],
  ["vi", vi],
  ["view", vi],
  ["wc", wc],
]);
