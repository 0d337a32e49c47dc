import type { Metadata } from "next";
import { YourData } from "@/components/site/your-data";
import { t } from "@/components/ui/text";

export const metadata: Metadata = { title: t("yourData.title") };

export default function YourDataPage() {
  return (
    <div className="mx-auto max-w-[66ch] px-4 py-8 text-16 md:px-6">
      <h1 className="font-serif text-28 font-semibold tracking-tight">{t("yourData.title")}</h1>
      <p className="mt-3 mb-8 text-muted">{t("yourData.text")}</p>
      <YourData />
    </div>
  );
}
