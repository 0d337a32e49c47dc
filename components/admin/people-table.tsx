"use client";

import { useState } from "react";
import type { Driver } from "@/sandbox/protocol/sandbox-view";
import { callApi } from "../terminal/sandbox-api";
import { t } from "../ui/text";
import { personSchema, type ClusterPerson } from "./clusters-view";

/** Each account with what it may choose; a tick counts at once. */
export function PeopleTable({ people, toAllow }: { people: ClusterPerson[]; toAllow: Driver[] }) {
  return (
    <div
      className="relative mt-4 overflow-x-auto rounded-card border border-line bg-surface"
      tabIndex={0}
      role="region"
      aria-label={t("admin.people.title")}
    >
      <table className="w-full text-left text-14 md:min-w-[560px]">
        <thead>
          <tr className="border-b border-line text-12 text-muted">
            {(["name", "role", "since"] as const).map((column) => (
              <th
                key={column}
                scope="col"
                className={`px-4 py-2 font-medium ${column === "name" ? "" : "max-md:hidden"}`}
              >
                {t(`admin.people.${column}`)}
              </th>
            ))}
            {toAllow.map((driver) => (
              <th key={driver} scope="col" className="px-4 py-2 font-medium">
                {t(`cluster.${driver}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <PersonRow key={person.id} person={person} toAllow={toAllow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PersonRow({ person, toAllow }: { person: ClusterPerson; toAllow: Driver[] }) {
  const [allowed, setAllowed] = useState<readonly Driver[]>(person.allowed);
  const [state, setState] = useState<"still" | "saving" | "failed">("still");

  async function toggle(driver: Driver) {
    const before = allowed;
    const next = before.includes(driver) ? before.filter((one) => one !== driver) : [...before, driver];
    setAllowed(next);
    setState("saving");
    const answer = await callApi(personSchema, `/api/admin/people/${person.id}/clusters`, {
      drivers: toAllow.filter((one) => next.includes(one)),
    });
    setAllowed(answer.ok ? answer.value.allowed : before);
    setState(answer.ok ? "still" : "failed");
  }

  return (
    <tr className="border-b border-line last:border-b-0" data-person={person.id}>
      <th scope="row" className="px-4 py-2 font-medium">
        {person.name}
        {state === "failed" ? (
          <span role="alert" className="block text-12 font-normal text-flare">
            {t("admin.people.failed")}
          </span>
        ) : null}
      </th>
      <td className="px-4 py-2 max-md:hidden">{t(`admin.role.${person.role}`)}</td>
      <td className="px-4 py-2 whitespace-nowrap tabular-nums max-md:hidden">{person.createdAt.slice(0, 10)}</td>
      {toAllow.map((driver) => (
        <td key={driver} className="px-4 py-1">
          <label className="flex min-h-9 items-center gap-2">
            <input
              type="checkbox"
              checked={allowed.includes(driver)}
              disabled={state === "saving"}
              onChange={() => void toggle(driver)}
              aria-label={t("admin.people.allow", { name: person.name, cluster: t(`cluster.${driver}`) })}
              className="size-4 accent-sea"
            />
            <span aria-hidden className="text-muted">
              {t(allowed.includes(driver) ? "admin.people.may" : "admin.people.mayNot")}
            </span>
          </label>
        </td>
      ))}
    </tr>
  );
}
