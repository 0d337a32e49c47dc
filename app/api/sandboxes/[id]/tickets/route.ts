import { z } from "zod";
import { ticketPurposeSchema } from "@/sandbox/protocol/manager-api";
import { apiRoute } from "../../../../_server/api-route";
import { newTicket } from "../../../../_server/sandboxes";

const bodySchema = z.strictObject({ purpose: ticketPurposeSchema });

export const POST = apiRoute<{ id: string }>(async ({ params, body, requireUser, origin }) => {
  const { purpose } = await body(bodySchema);
  return newTicket(await requireUser(), params.id, purpose, origin);
});
