import type { Personal } from "@/components/lesson/personal";
import { apiRoute } from "../../../../_server/api-route";
import { clustersFor } from "../../../../_server/cluster-choice";
import { requireLesson } from "../../../../_server/courses";
import { personalDeeds } from "../../../../_server/progress";
import { currentSandbox } from "../../../../_server/sandboxes";
import { toViewer } from "../../../../_server/session";

const NOBODY: Omit<Personal, "clusters"> = { viewer: null, tasks: {}, quizzes: {}, predictions: {}, sandbox: null };

/** Everything personal about a lesson page, in one call. Asking makes nobody a guest. */
export const GET = apiRoute<{ id: string }>(async ({ params, user }): Promise<Personal> => {
  const { lesson } = requireLesson(params.id);
  const visitor = await user();
  if (!visitor) return { ...NOBODY, clusters: await clustersFor(undefined, lesson.id) };
  const [deeds, sandbox, clusters] = await Promise.all([
    personalDeeds(visitor.id, lesson),
    currentSandbox(visitor.id),
    clustersFor(visitor, lesson.id),
  ]);
  return { viewer: toViewer(visitor), ...deeds, sandbox: sandbox ?? null, clusters };
});
