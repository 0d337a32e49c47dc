import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { LessonWorkspace } from "@/components/lesson/lesson-workspace";
import { LessonEnd } from "@/components/lesson/lesson-end";
import { lessonView } from "../../../../../_server/course-views";
import { lessonPlaces, type LessonPlace } from "../../../../../_server/courses";
import { lessonBody } from "../../../../../_server/lesson-body";
import { lessonComponents } from "./lesson-components";

export const dynamicParams = false;

interface Params {
  course: string;
  module: string;
  lesson: string;
}

interface Props {
  params: Promise<Params>;
}

export function generateStaticParams(): Params[] {
  return lessonPlaces().map((place) => ({
    course: place.course.slug,
    module: place.module.slug,
    lesson: place.lesson.slug,
  }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const place = findPlace(await params);
  return place ? { title: place.lesson.title, description: place.lesson.summary } : {};
}

export default async function LessonPage({ params }: Props) {
  const place = findPlace(await params);
  if (!place) notFound();
  const view = lessonView(place);
  const Body = await lessonBody(place.lesson);
  return (
    <LessonWorkspace lesson={view}>
      <article className="prose">
        <Body components={lessonComponents(view)} />
        <LessonEnd lesson={view} />
      </article>
    </LessonWorkspace>
  );
}

function findPlace(params: Params): LessonPlace | undefined {
  return lessonPlaces().find(
    ({ course, module, lesson }) =>
      course.slug === params.course && module.slug === params.module && lesson.slug === params.lesson,
  );
}
