import { quizAnswerSchema } from "@/components/lesson/personal";
import { apiRoute } from "../../../../_server/api-route";
import { requireLesson } from "../../../../_server/courses";
import { answerQuiz } from "../../../../_server/progress";

export const POST = apiRoute<{ id: string }>(async ({ params, body, userOrGuest }) => {
  const { lesson } = requireLesson(params.id);
  const answer = await body(quizAnswerSchema);
  return answerQuiz((await userOrGuest()).id, lesson, answer);
});
