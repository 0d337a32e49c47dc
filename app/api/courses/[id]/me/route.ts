import type { CourseProgress } from "@/components/site/course-view";
import { SandboxError } from "@/sandbox/protocol/codes";
import { apiRoute } from "../../../../_server/api-route";
import { courses } from "../../../../_server/courses";
import { courseProgress } from "../../../../_server/progress";

export const GET = apiRoute<{ id: string }>(async ({ params, user }): Promise<CourseProgress> => {
  const course = courses().find((each) => each.id === params.id);
  if (!course) throw new SandboxError("not-found");
  const visitor = await user();
  return visitor ? courseProgress(visitor.id, course) : { lessons: {} };
});
