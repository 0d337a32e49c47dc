import { z } from "zod";
import { driverSchema } from "./sandbox-view";

/** The drivers of an installation, as its manager sees them; the first is what one gets who does not choose. */
export const driverListSchema = z.object({
  drivers: z.array(
    z.object({
      driver: driverSchema,
      /** Whether clusters can be asked for; a driver that could not start is tried again when one is. */
      started: z.boolean(),
      /** Why it could not. */
      said: z.string().max(2000).optional(),
    }),
  ),
});
export type DriverList = z.infer<typeof driverListSchema>;
