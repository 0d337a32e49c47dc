import { isJsonObject } from "../api/json";
import type { KubeObject } from "../api/object";
import { age } from "./duration";
import { columns, type Cell, type Printer } from "./strategy";

/**
 * Printers of kinds that show fields as they are. Each column says where its cell comes from: a path, `#path` for how
 * many there are, `=text` for a text; after `??` what stands there when there is nothing. Ages need no source.
 */
export const PLAIN_PRINTERS: Readonly<Record<string, Printer>> = {
  "/componentstatuses": printer({
    Name: "metadata.name",
    Status: "=Healthy",
    Message: "=ok",
    Error: "=",
  }),
  "/podtemplates": printer({
    Name: "metadata.name",
    Containers: "template.spec.containers.*.name",
    Images: "template.spec.containers.*.image",
    "Pod Labels": "template.metadata.labels ?? <none>",
  }),
  "apiregistration.k8s.io/apiservices": printer({
    Name: "metadata.name",
    Service: "spec.service.name ?? Local",
    Available: "status.conditions.0.status ?? Unknown",
    Age: "",
  }),
  "storage.k8s.io/volumeattachments": printer({
    Name: "metadata.name",
    "Attacher:name": "spec.attacher",
    PV: "spec.source.persistentVolumeName",
    Node: "spec.nodeName",
    "Attached:boolean": "status.attached",
    Age: "",
  }),
  "storage.k8s.io/volumeattributesclasses": printer({ Name: "metadata.name", DriverName: "driverName", Age: "" }),
  "admissionregistration.k8s.io/mutatingwebhookconfigurations": webhooks(),
  "admissionregistration.k8s.io/validatingwebhookconfigurations": webhooks(),
  "admissionregistration.k8s.io/mutatingadmissionpolicies": policies("Mutations:integer", "#spec.mutations"),
  "admissionregistration.k8s.io/validatingadmissionpolicies": policies("Validations:integer", "#spec.validations"),
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings": policyBindings(),
  "admissionregistration.k8s.io/validatingadmissionpolicybindings": policyBindings(),
  "node.k8s.io/runtimeclasses": printer({ Name: "metadata.name", Handler: "handler", Age: "" }),
  "resource.k8s.io/deviceclasses": printer({ Name: "metadata.name", Age: "" }),
  "resource.k8s.io/resourceclaims": printer({ Name: "metadata.name", State: "=pending", Age: "" }),
  "resource.k8s.io/resourceclaimtemplates": printer({ Name: "metadata.name", Age: "" }),
  "resource.k8s.io/resourceslices": printer({
    Name: "metadata.name",
    Node: "spec.nodeName ?? <none>",
    Driver: "spec.driver",
    Pool: "spec.pool.name",
    Age: "",
  }),
  "flowcontrol.apiserver.k8s.io/flowschemas": printer({
    Name: "metadata.name",
    PriorityLevel: "spec.priorityLevelConfiguration.name",
    MatchingPrecedence: "spec.matchingPrecedence",
    DistinguisherMethod: "spec.distinguisherMethod.type ?? <none>",
    Age: "",
    MissingPL: "status.conditions.0.status ?? ?",
  }),
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations": printer({
    Name: "metadata.name",
    Type: "spec.type",
    NominalConcurrencyShares: "spec.limited.nominalConcurrencyShares ?? <none>",
    Queues: "spec.limited.limitResponse.queuing.queues ?? <none>",
    HandSize: "spec.limited.limitResponse.queuing.handSize ?? <none>",
    QueueLengthLimit: "spec.limited.limitResponse.queuing.queueLengthLimit ?? <none>",
    Age: "",
  }),
};

/** Of a scale, whatever it is the scale of. */
export const SCALE_PRINTER = printer({
  Name: "metadata.name",
  "Desired:integer": "spec.replicas ?? 0",
  "Available:integer": "status.replicas ?? 0",
  Age: "",
});

function webhooks(): Printer {
  return printer({ Name: "metadata.name", "Webhooks:integer": "#webhooks", Age: "" });
}

function policies(counted: string, source: string): Printer {
  return printer({ Name: "metadata.name", [counted]: source, ParamKind: "spec.paramKind.kind ?? <unset>", Age: "" });
}

function policyBindings(): Printer {
  return printer({
    Name: "metadata.name",
    PolicyName: "spec.policyName",
    ParamRef: "spec.paramRef.name ?? <unset>",
    Age: "",
  });
}

function printer(cells: Readonly<Record<string, string>>): Printer {
  const sources = Object.entries(cells);
  return {
    columns: columns(...sources.map(([title]) => title)),
    row: (object, now) =>
      sources.map(([title, source]) =>
        title === "Age" ? age(object.metadata?.creationTimestamp, now) : cell(object, source),
      ),
  };
}

function cell(object: KubeObject, source: string): Cell {
  if (source.startsWith("=")) return source.slice(1);
  const [path = "", none = ""] = source.split(" ?? ");
  if (path.startsWith("#")) {
    const [list] = valuesAt(object, path.slice(1).split("."));
    return Array.isArray(list) ? list.length : 0;
  }
  const texts = valuesAt(object, path.split("."))
    .map(show)
    .filter((text) => text !== "");
  return texts.length > 0 ? texts.join(",") : none;
}

function valuesAt(value: unknown, [step, ...rest]: readonly string[]): unknown[] {
  if (step === undefined) return value === undefined || value === null ? [] : [value];
  if (step === "*") return Array.isArray(value) ? value.flatMap((each) => valuesAt(each, rest)) : [];
  if (Array.isArray(value)) return valuesAt(value[Number(step)], rest);
  return isJsonObject(value) ? valuesAt(value[step], rest) : [];
}

function show(value: unknown): string {
  if (!isJsonObject(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, each]) => `${key}=${String(each)}`).join(",");
}
