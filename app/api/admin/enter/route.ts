import { apiRoute } from "../../../_server/api-route";
import { signInAdmin } from "../../../_server/session";

/** The form of /admin/enter: a token that is good signs this browser in, once. */
export const POST = apiRoute(async ({ request }) => {
  const form = await request.formData();
  const token = form.get("token");
  const cookies = typeof token === "string" ? await signInAdmin(token) : undefined;
  const response = new Response(null, {
    status: 303,
    headers: { location: cookies ? "/admin/sandboxes" : "/admin/enter" },
  });
  for (const cookie of cookies ?? []) response.headers.append("set-cookie", cookie);
  return response;
});
