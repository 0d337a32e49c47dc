import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { CoursePageBody } from "@/components/site/course-page-body";
import { findCourseView, loadCourseViews } from "../../../_server/course-views";

export const dynamicParams = false;

interface Props {
  params: Promise<{ course: string }>;
}

export function generateStaticParams() {
  return loadCourseViews().map((course) => ({ course: course.slug }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const course = findCourseView((await params).course);
  return course ? { title: course.title, description: course.summary } : {};
}

export default async function CoursePage({ params }: Props) {
  const course = findCourseView((await params).course);
  if (!course) notFound();
  return <CoursePageBody course={course} />;
}
