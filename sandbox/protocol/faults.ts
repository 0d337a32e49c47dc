import { z } from "zod";

const pods = z
  .string()
  .regex(/^[^/\s]+\/\S+$/, "pods are namespace/name, or namespace/label=value for all with a label")
  .max(400);

/** What a lesson can have gone wrong from the start; what each does is said in the simulator, where the same names are. */
const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("node-not-ready"), node: z.string().min(1).max(253) }),
  z.strictObject({ kind: z.literal("registry-down") }),
  z.strictObject({ kind: z.literal("slow-pull"), seconds: z.number().min(0).max(3600) }),
  z.strictObject({ kind: z.literal("packet-loss"), from: pods, to: pods, percent: z.number().min(0).max(100) }),
  z.strictObject({ kind: z.literal("dns-down") }),
  z.strictObject({ kind: z.literal("pod-killed"), pod: pods }),
  z.strictObject({ kind: z.literal("memory-hog"), pod: pods, bytes: z.number().int().positive() }),
]);

export const faultsSchema = z.array(faultSchema).max(10).default([]);
