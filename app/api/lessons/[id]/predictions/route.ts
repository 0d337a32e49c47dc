import { predictionAnswerSchema } from "@/components/lesson/personal";
import { apiRoute } from "../../../../_server/api-route";
import { requireLesson } from "../../../../_server/courses";
import { makePrediction } from "../../../../_server/progress";

export const POST = apiRoute<{ id: string }>(async ({ params, body, userOrGuest }) => {
  const { lesson } = requireLesson(params.id);
  const answer = await body(predictionAnswerSchema);
  return makePrediction((await userOrGuest()).id, lesson, answer);
});
