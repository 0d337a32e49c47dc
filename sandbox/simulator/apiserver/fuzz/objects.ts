import type { JsonObject } from "../../api/json";

const template = {
  metadata: { labels: { app: "web" } },
  spec: {
    containers: [
      {
        name: "main",
        image: "nginx:1.27",
        ports: [{ containerPort: 80, name: "http" }],
        env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        resources: { requests: { cpu: "100m" }, limits: { memory: "1Gi" } },
        readinessProbe: { httpGet: { path: "/", port: "http" } },
        volumeMounts: [{ name: "v", mountPath: "/v" }],
      },
    ],
    volumes: [{ name: "v", configMap: { name: "m", items: [{ key: "k", path: "p" }] } }],
    tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }],
  },
};
const selector = { matchLabels: { app: "web" }, matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] };
const metadata = (name: string): JsonObject => ({
  name,
  labels: { app: "web" },
  annotations: { note: "x" },
  finalizers: ["example.com/hold"],
});

/** Valid objects of many kinds and where they go; what is sent is one of them, bent out of shape. */
export const OBJECTS: readonly (readonly [path: string, object: JsonObject])[] = [
  ["/api/v1/namespaces/default/pods", { apiVersion: "v1", kind: "Pod", ...template, metadata: metadata("pod") }],
  [
    "/apis/apps/v1/namespaces/default/deployments",
    { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata("web"), spec: { replicas: 2, selector, template } },
  ],
  [
    "/apis/apps/v1/namespaces/default/statefulsets",
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: metadata("db"),
      spec: { serviceName: "db", selector, template },
    },
  ],
  [
    "/api/v1/namespaces/default/services",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata("svc"),
      spec: { type: "NodePort", selector: { app: "web" }, ports: [{ port: 80, targetPort: "http", protocol: "TCP" }] },
    },
  ],
  [
    "/api/v1/namespaces/default/configmaps",
    { apiVersion: "v1", kind: "ConfigMap", metadata: metadata("map"), data: { a: "b" }, binaryData: { c: "AAEC" } },
  ],
  [
    "/api/v1/namespaces/default/secrets",
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadata("secret"),
      type: "Opaque",
      data: { a: "Yg==" },
      stringData: { b: "c" },
    },
  ],
  ["/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: metadata("space") }],
  [
    "/apis/batch/v1/namespaces/default/cronjobs",
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: metadata("cron"),
      spec: {
        schedule: "*/5 * * * *",
        jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } } },
      },
    },
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: metadata("in"),
      spec: {
        rules: [
          {
            host: "a.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "svc", port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ],
  [
    "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: metadata("hpa"),
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        ],
      },
    },
  ],
  [
    "/api/v1/namespaces/default/resourcequotas",
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: metadata("quota"),
      spec: { hard: { pods: "10", "requests.cpu": "4" } },
    },
  ],
  [
    "/api/v1/namespaces/default/limitranges",
    {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: metadata("limits"),
      spec: { limits: [{ type: "Container", default: { cpu: "1" }, max: { memory: "1Gi" } }] },
    },
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: metadata("role"),
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    },
  ],
  [
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "boats.sea.example.com" },
      spec: {
        group: "sea.example.com",
        names: { kind: "Boat", plural: "boats", singular: "boat", shortNames: ["bt"] },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            additionalPrinterColumns: [{ name: "Crew", type: "integer", jsonPath: ".spec.crew" }],
            subresources: { status: {}, scale: { specReplicasPath: ".spec.crew", statusReplicasPath: ".status.crew" } },
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: {
                    type: "object",
                    properties: {
                      crew: { type: "integer", minimum: 0, default: 1 },
                      name: { type: "string", pattern: "^[a-z]+$" },
                    },
                    "x-kubernetes-validations": [{ rule: "self.crew < 10" }],
                  },
                },
              },
            },
          },
        ],
      },
    },
  ],
  [
    "/apis/sea.example.com/v1/namespaces/default/boats",
    { apiVersion: "sea.example.com/v1", kind: "Boat", metadata: metadata("boat"), spec: { crew: 3, name: "ann" } },
  ],
  [
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: "eve", resourceAttributes: { verb: "get", resource: "pods" } },
    },
  ],
];
