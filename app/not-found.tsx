import { Adrift } from "@/components/site/adrift";
import { SiteHeader } from "@/components/site/site-header";
import { t } from "@/components/ui/text";

export default function NotFound() {
  return (
    <>
      <SiteHeader links={[]} />
      <main id="main" className="flex flex-1">
        <Adrift
          title={t("notFound.title")}
          text={t("notFound.text")}
          action={{ label: t("notFound.action"), href: "/" }}
        />
      </main>
    </>
  );
}
