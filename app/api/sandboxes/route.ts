import { sandboxStartSchema } from "@/components/terminal/sandbox-api";
import { apiRoute } from "../../_server/api-route";
import { requireLesson } from "../../_server/courses";
import { startSandbox } from "../../_server/sandboxes";

export const POST = apiRoute(async ({ body, userOrGuest, address, origin }) => {
  const { lessonId, ...from } = await body(sandboxStartSchema);
  const place = requireLesson(lessonId);
  return startSandbox(await userOrGuest(), place, { address, origin, ...from });
});
