import { z } from "zod";
import { apiRoute } from "../../../_server/api-route";
import { eraseAll } from "../../../_server/personal-data";

export const POST = apiRoute(async ({ body, requireUser }) => {
  await body(z.strictObject({}));
  await eraseAll(await requireUser());
  return { erased: true };
});
