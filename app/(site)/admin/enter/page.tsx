import { Adrift } from "@/components/site/adrift";
import { t } from "@/components/ui/text";

export const dynamic = "force-dynamic";

/** Opening the link only shows a button: whatever fetches links ahead of people must not use the token up. */
export default async function EnterPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams;
  if (typeof token !== "string" || token === "") {
    return <Adrift title={t("admin.enter.badTitle")} text={t("admin.enter.badText")} />;
  }
  return (
    <Adrift title={t("admin.enter.title")} text={t("admin.enter.text")}>
      <form method="post" action="/api/admin/enter">
        <input type="hidden" name="token" value={token} />
        <button
          type="submit"
          className="min-h-11 rounded-input bg-sea px-6 text-16 font-medium text-sea-ink transition-colors"
        >
          {t("admin.enter.action")}
        </button>
      </form>
    </Adrift>
  );
}
