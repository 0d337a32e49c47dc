import type { ReactNode } from "react";
import { SiteFooter } from "@/components/site/site-footer";
import { SiteHeader } from "@/components/site/site-header";
import { t } from "@/components/ui/text";
import { loadCourseViews } from "../_server/course-views";

export default function SiteLayout({ children }: { children: ReactNode }) {
  const [course] = loadCourseViews();
  return (
    <>
      <a href="#main" className="skip-link">
        {t("site.skip")}
      </a>
      <SiteHeader links={course ? [{ href: course.href, label: t("site.course") }] : []} />
      <main id="main" className="flex-1">
        {children}
      </main>
      <SiteFooter />
    </>
  );
}
