"use client";

import { useId, useSyncExternalStore } from "react";
import { useWorkspace } from "../lesson/workspace-context";
import { t } from "../ui/text";
import { ClusterStore } from "./cluster-store";

/** What the next sandbox's cluster shall be, for those who may choose; each with what it is and how long it takes. */
export function ClusterPicker() {
  const { cluster } = useWorkspace();
  const { choices, chosen } = useSyncExternalStore(cluster.subscribe, cluster.get, ClusterStore.initial);
  const name = useId();
  if (choices.length < 2) return null;
  return (
    // A click beside the terminal gives it the keys; here it chooses.
    <fieldset className="mt-2 w-full max-w-[52ch] text-left" onClick={(event) => event.stopPropagation()}>
      <legend className="mb-2 font-medium">{t("cluster.choose")}</legend>
      <div className="grid gap-2">
        {choices.map((driver) => (
          <label
            key={driver}
            className="flex cursor-pointer gap-3 rounded-card border border-line bg-paper px-3 py-2 transition-colors has-checked:border-sea has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-sea"
          >
            <input
              type="radio"
              name={name}
              value={driver}
              checked={driver === chosen}
              onChange={() => cluster.choose(driver)}
              aria-describedby={`${name}-${driver}`}
              className="mt-0.5 size-4 shrink-0 accent-sea outline-none"
            />
            <span>
              <span className="flex flex-wrap items-baseline gap-x-3 font-medium">
                {t(`cluster.${driver}`)}
                <span className="text-12 font-normal text-muted">{t(`cluster.${driver}.takes`)}</span>
              </span>
              <span id={`${name}-${driver}`} className="block text-12 text-muted">
                {t(`cluster.${driver}.about`)}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
