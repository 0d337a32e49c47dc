import { z } from "zod";

export const existingSchema = z.object({
  /** The kubeconfig of a cluster of one's own; its current context may make namespaces and give rights in them. */
  SLIPWAY_KUBECONFIG: z.string().startsWith("/"),
  /** What pods may do, by the Pod Security Standards. */
  SLIPWAY_EXISTING_POD_SECURITY: z.enum(["privileged", "baseline", "restricted"]).default("baseline"),
  SLIPWAY_EXISTING_PODS: z.coerce.number().int().positive().max(10_000).default(30),
  /** Of all a learner's pods, as Kubernetes writes quantities; absent: as much as there is. */
  SLIPWAY_EXISTING_MEMORY: z
    .string()
    .regex(/^[0-9]+(\.[0-9]+)?[KMGT]i?$/)
    .optional(),
});
export type ExistingConfig = z.infer<typeof existingSchema>;
