import Link from "next/link";
import { t } from "../ui/text";

export function SiteFooter() {
  return (
    <footer className="mt-auto border-t border-line">
      <div className="mx-auto flex max-w-[1120px] flex-wrap gap-x-6 gap-y-2 px-4 py-8 text-14 text-muted md:px-6">
        <p>{t("footer.what")}</p>
        <p className="md:ml-auto">
          <Link href="/your-data" className="rounded-input underline-offset-4 hover:text-ink hover:underline">
            {t("yourData.title")}
          </Link>
        </p>
        <p>{t("footer.licence")}</p>
      </div>
    </footer>
  );
}
