"use client";

import { Adrift } from "@/components/site/adrift";
import { Button } from "@/components/ui/button";
import { t } from "@/components/ui/text";

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <main id="main" className="flex flex-1">
      <Adrift title={t("error.title")} text={t("error.text")}>
        <Button look="primary" onClick={reset}>
          {t("error.action")}
        </Button>
      </Adrift>
    </main>
  );
}
