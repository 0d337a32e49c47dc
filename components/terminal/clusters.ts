import { z } from "zod";
import { driverSchema } from "@/sandbox/protocol/sandbox-view";

/** Between which kinds of cluster one may choose, and which of them is meant when nobody does. */
export const clustersSchema = z.object({ choices: z.array(driverSchema).min(1), preset: driverSchema });
export type Clusters = z.infer<typeof clustersSchema>;
