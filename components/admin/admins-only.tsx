import { Adrift } from "../site/adrift";
import { t } from "../ui/text";

/** What anybody but an admin finds in place of an admin's page. */
export function AdminsOnly() {
  return (
    <Adrift
      title={t("admin.refused.title")}
      text={t("admin.refused.text")}
      action={{ label: t("admin.refused.action"), href: "/" }}
    />
  );
}
