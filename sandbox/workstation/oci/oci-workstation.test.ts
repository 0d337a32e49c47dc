import { it } from "vitest";
import { describeWorkstation } from "../workstation.contract";
import { OciBed, reasonAgainstContainers } from "./test-bed";

const reason = reasonAgainstContainers();
if (reason === undefined) describeWorkstation("oci", async () => Promise.resolve(new OciBed()));
else it.skip(`oci workstation: skipped, ${reason}`, () => undefined);
