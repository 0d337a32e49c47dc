import { describe, expect, it } from "vitest";
import type { FieldError } from "../api/field-error";
import type { Ingress, Job, NetworkPolicy, PersistentVolumeClaim } from "../api/generated/kubernetes";
import { defaultAutoscaler, validateAutoscaler } from "./autoscaler";
import { validateIngress } from "./ingress-validation";
import { isStrictSubnet } from "./ip";
import { validateCronJob, validateJob } from "./job-validation";
import { validateNetworkPolicy } from "./network-policy-validation";
import { validateDisruptionBudget, validateQuota } from "./quota-validation";
import { validateClaim, validateStorageClass, validateVolume } from "./storage-validation";

const texts = (errors: readonly FieldError[]): string[] => errors.map(({ text }) => text);

describe("validation of objects that are no workloads", () => {
  it("wants an ingress to lead somewhere", () => {
    expect(texts(validateIngress({ spec: {} }))).toEqual([
      "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified",
    ]);
    const service = { name: "web" };
    const paths = [
      { path: "api", pathType: "Prefix", backend: { service: { ...service, port: { number: 70000 } } } },
      { path: "/a//b", pathType: "Exact", backend: { service } },
      { path: "/", pathType: "Regex", backend: {} },
    ];
    const ingress: Ingress = { spec: { rules: [{ host: "*.*.example.com", http: { paths } }] } };
    const path = "spec.rules[0].http.paths";
    const [host, ...others] = texts(validateIngress(ingress));
    expect(host).toContain("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain");
    expect(others).toEqual([
      `${path}[0].path: Invalid value: "api": must be an absolute path`,
      `${path}[0].backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      `${path}[1].path: Invalid value: "/a//b": must not contain '//'`,
      `${path}[1].backend: Required value: port name or number is required`,
      `${path}[2].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      `${path}[2].backend: Invalid value: "": resource or service backend is required`,
    ]);
  });

  it("wants a network policy's peers and ports to make sense", () => {
    const from = [{}, { ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] }, podSelector: {} }];
    const ports = [{ port: 80, endPort: 70 }, { endPort: 90 }, { protocol: "ICMP" }];
    const policy: NetworkPolicy = { spec: { podSelector: {}, ingress: [{ from, ports }] } };
    expect(texts(validateNetworkPolicy(policy))).toEqual([
      "spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`",
      "spec.ingress[0].ports[1].endPort: Invalid value: 90: may not be specified when `port` is not specified",
      'spec.ingress[0].ports[2].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
      "spec.ingress[0].from[0]: Required value: must specify a peer",
      'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
      "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
    ]);
  });

  it("knows which blocks of addresses lie in which", () => {
    expect(isStrictSubnet("10.1.0.0/16", "10.0.0.0/8")).toBe(true);
    expect(isStrictSubnet("11.0.0.0/16", "10.0.0.0/8")).toBe(false);
    expect(isStrictSubnet("2001:db8:1::/48", "2001:db8::/32")).toBe(true);
    expect(isStrictSubnet("2001:db9::/48", "2001:db8::/32")).toBe(false);
    expect(isStrictSubnet("10.1.0.0/16", "::/0")).toBe(false);
  });

  it("gives an autoscaler a target, and wants its bounds in order", () => {
    const spec = { maxReplicas: 2, minReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "" } };
    defaultAutoscaler(spec);
    expect(spec).toMatchObject({ metrics: [{ resource: { name: "cpu", target: { averageUtilization: 80 } } }] });
    expect(texts(validateAutoscaler({ spec }))).toEqual([
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
      "spec.scaleTargetRef.name: Required value",
    ]);
  });

  it("wants a disruption budget to say one thing, in numbers or percent", () => {
    expect(texts(validateDisruptionBudget({ spec: { minAvailable: 1, maxUnavailable: "150%" } }))).toEqual([
      'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"150%","UnhealthyPodEvictionPolicy":null}: ' +
        "minAvailable and maxUnavailable cannot be both set",
      'spec.maxUnavailable: Invalid value: "150%": must not be greater than 100%',
    ]);
  });

  it("wants quotas of things that can be counted, in whole numbers", () => {
    expect(texts(validateQuota({ spec: { hard: { pods: "1500m", toasters: "1", cpu: "-1" } } }))).toEqual([
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      'spec.hard[toasters]: Invalid value: "toasters": must be a standard resource for quota',
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ]);
  });

  it("wants a job's pods to end, and a cron job's schedule to be one", () => {
    const own = { "batch.kubernetes.io/controller-uid": "1" };
    const pod = {
      containers: [{ name: "a", image: "a", terminationMessagePolicy: "File", imagePullPolicy: "Always" }],
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
    };
    const template = { metadata: { labels: own }, spec: pod };
    const job: Job = { metadata: { uid: "1" }, spec: { selector: { matchLabels: own }, template, parallelism: -1 } };
    expect(texts(validateJob(job))).toEqual([
      "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ]);
    const jobTemplate = { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } };
    const spec = { schedule: "TZ=UTC * * * * *", timeZone: "Mars/Base", concurrencyPolicy: "Queue", jobTemplate };
    expect(texts(validateCronJob({ metadata: { name: "x".repeat(53) }, spec }))).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
      'spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"',
      `metadata.name: Invalid value: "${"x".repeat(53)}": must be no more than 52 characters`,
    ]);
  });

  it("wants storage to have a size, a mode and a source", () => {
    const claim: PersistentVolumeClaim = { spec: { accessModes: ["ReadWriteAlways"], resources: {} } };
    expect(texts(validateClaim(claim))).toEqual([
      'spec.accessModes: Unsupported value: "ReadWriteAlways": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      "spec.resources[storage]: Required value",
    ]);
    expect(texts(validateVolume({ spec: { capacity: { storage: "0" } } }))).toEqual([
      "spec.accessModes: Required value",
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      "spec: Required value: must specify a volume type",
    ]);
    expect(texts(validateStorageClass({ provisioner: "", volumeBindingMode: "Late" }))).toEqual([
      "provisioner: Required value",
      'volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer"',
    ]);
  });
});
