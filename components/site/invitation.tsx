import { t } from "../ui/text";
import { Adrift } from "./adrift";

/** Opening the link only shows a button: whatever fetches links ahead of people must not use the token up. */
export function Invitation({ token, as }: { token: string; as: "admin" | "person" }) {
  if (token === "") return <Adrift title={t("enter.badTitle")} text={t("enter.badText")} />;
  return (
    <Adrift title={t(`enter.${as}.title`)} text={t(`enter.${as}.text`)}>
      <form method="post" action="/api/enter">
        <input type="hidden" name="token" value={token} />
        <button
          type="submit"
          className="min-h-11 rounded-input bg-sea px-6 text-16 font-medium text-sea-ink transition-colors"
        >
          {t(`enter.${as}.action`)}
        </button>
      </form>
    </Adrift>
  );
}
