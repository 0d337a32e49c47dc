import { apiRoute } from "../../_server/api-route";
import { signInInvited } from "../../_server/session";

/** The form of an invitation's page: a token that is good signs this browser in, once. */
export const POST = apiRoute(async ({ request }) => {
  const token = (await request.formData()).get("token");
  const entered = typeof token === "string" ? await signInInvited(token) : undefined;
  const location = entered === undefined ? "/enter" : entered.role === "admin" ? "/admin/sandboxes" : "/";
  const response = new Response(null, { status: 303, headers: { location } });
  for (const cookie of entered?.cookies ?? []) response.headers.append("set-cookie", cookie);
  return response;
});
