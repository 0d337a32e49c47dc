import { z } from "zod";

/** What a lesson may ask for beyond the default cluster. */
export const addonSchema = z.enum(["ingress-nginx", "load-balancer", "local-path", "metrics-server"]);

export const addonsSchema = z
  .array(addonSchema)
  .max(addonSchema.options.length)
  .refine((names) => new Set(names).size === names.length, { message: "an add-on is named twice" })
  .default([]);
