import { loadCourses } from "../loader";
import { ClusterHostClient } from "./cluster-host-client";
import { LessonVerifier, type Finding } from "./verifier";

export interface VerifyOptions {
  readonly root: string;
  /** The control socket of a running cluster-host. */
  readonly socketPath: string;
  readonly kubectl: string;
  readonly helm: string;
  /** Verify only lessons whose id matches. */
  readonly only?: string;
  readonly onFinding: (finding: Finding) => void;
}

const PATIENCE_MS = 10_000;

/** Verifies all lessons, or those that match; what is found goes to `onFinding`. Throws `ContentError` for content that cannot be loaded. */
export async function verifyLessons(options: VerifyOptions): Promise<void> {
  const { root, kubectl, helm } = options;
  const pattern = new RegExp(options.only ?? "");
  const lessons = loadCourses(root)
    .flatMap((course) => course.modules.flatMap((module) => module.lessons))
    .filter((lesson) => pattern.test(lesson.id));
  const ending = new AbortController();
  const verifier = new LessonVerifier(
    { root, kubectl, helm, host: new ClusterHostClient(options.socketPath), patienceMs: PATIENCE_MS },
    ending.signal,
  );
  try {
    for (const lesson of lessons) for await (const finding of verifier.verify(lesson)) options.onFinding(finding);
  } finally {
    ending.abort();
  }
}
