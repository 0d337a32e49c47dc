import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from "../../api/generated/kubernetes";

interface Naming {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly condition: CustomResourceDefinitionCondition;
}

/** Which of the wanted names a definition gets: those that no other definition of its group has. */
export function nameDefinition(
  { spec, status }: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): Naming {
  const taken = others.flatMap(({ status: theirs }) => (theirs?.acceptedNames ? [theirs.acceptedNames] : []));
  const resources = new Set(
    taken.flatMap(({ plural, singular = "", shortNames = [] }) => [plural, singular, ...shortNames]),
  );
  const kinds = new Set(taken.flatMap(({ kind, listKind = "" }) => [kind, listKind]));
  const wanted = spec.names;
  const accepted: CustomResourceDefinitionNames = { ...(status?.acceptedNames ?? { kind: "", plural: "" }) };
  let conflict: { reason: string; message: string } | undefined;

  const claim = (reason: string, name: string | undefined, used: ReadonlySet<string>, take: () => void): void => {
    if (name && used.has(name)) conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    else take();
  };
  claim("PluralConflict", wanted.plural, resources, () => (accepted.plural = wanted.plural));
  claim("SingularConflict", wanted.singular, resources, () => (accepted.singular = wanted.singular));
  const clashes = (wanted.shortNames ?? []).filter((name) => resources.has(name));
  if (clashes.length > 0) {
    const texts = clashes.map((name) => `${JSON.stringify(name)} is already in use`);
    const message = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
    conflict = { reason: "ShortNamesConflict", message };
  } else accepted.shortNames = wanted.shortNames;
  claim("KindConflict", wanted.kind, kinds, () => (accepted.kind = wanted.kind));
  claim("ListKindConflict", wanted.listKind, kinds, () => (accepted.listKind = wanted.listKind));
  accepted.categories = wanted.categories;

  const verdict = conflict ?? { reason: "NoConflicts", message: "no conflicts found" };
  return {
    acceptedNames: accepted,
    condition: { type: "NamesAccepted", status: conflict ? "False" : "True", ...verdict },
  };
}
