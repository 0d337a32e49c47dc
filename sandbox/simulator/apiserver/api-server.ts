import type { AggregatedApi } from "../api/aggregated-api";
import type { HttpHandler } from "../api/channel";
import type { CertificateSigner } from "../api/certificate-signer";
import type { NodeApis } from "../api/node-api";
import type { RequestHandler, UserInfo } from "../api/request";
import type { Clock } from "../clock";
import type { Random } from "../random";
import { equivalentForms } from "./admission/policy/equivalents";
import { mutatingPolicies } from "./admission/policy/mutating-policy";
import { validatingPolicies } from "./admission/policy/validating-policy";
import { mutatingWebhooks, validatingWebhooks } from "./admission/webhook/webhooks";
import { certificateRequests } from "./admission/certificate-requests";
import { claimResize } from "./admission/claim-resize";
import { defaultStorageClass } from "./admission/default-storage-class";
import { defaultTolerationSeconds } from "./admission/default-tolerations";
import { defaultIngressClass } from "./admission/default-ingress-class";
import { limitRanger } from "./admission/limit-ranger";
import { namespaceLifecycle } from "./admission/namespace-lifecycle";
import { podSecurity } from "./admission/pod-security/pod-security";
import { priority } from "./admission/priority";
import { rbacEscalation } from "./admission/rbac-escalation";
import { resourceQuota } from "./admission/resource-quota";
import { runtimeClass } from "./admission/runtime-class";
import { serviceAccount } from "./admission/service-account";
import { storageInUseProtection } from "./admission/storage-in-use";
import { ClusterSigningKey } from "./cluster-signing-key";
import { EventLines } from "./event-lines";
import { createRequestHandler } from "./handler";
import { OpenApiPublisher } from "../schema/openapi";
import type { Authorizer } from "./authorization";
import { createHttpHandler, type ExtraPaths } from "./http";
import type { Dialer } from "./proxy/proxy";
import { rbacAuthorizer } from "./rbac";
import { ServiceAccountTokens } from "./service-account-tokens";
import { ServedResources } from "./served-resources";
import { strategyContext, type ServerContext } from "./server-context";
import { MAX_OBJECT_BYTES, Storage, type Change, type StorageSnapshot } from "./storage";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the kubelets are; a server without nodes answers exec and logs with an error. */
  readonly nodes?: NodeApis;
  /** How `…/proxy/` reaches pods and nodes; a server without a network reaches none. */
  readonly dial?: Dialer;
  /** A lease as it is now, when somebody asks for it. */
  readonly renewed?: ServerContext["renewed"];
  /** Answers paths that Kubernetes does not have; who may get them is RBAC's to say, as for any path. */
  readonly paths?: ExtraPaths;
  /** Bearer tokens besides those of service accounts, and whose they are. */
  readonly tokens?: ReadonlyMap<string, UserInfo>;
  /** Checks what requests for certificates are signed with; without it nobody looks. */
  readonly signer?: CertificateSigner;
  /** Where OpenAPI documents come from; by default one source without descriptions for the whole process. */
  readonly openApi?: Pick<OpenApiPublisher, "answer">;
  /** How many bytes all objects together may have as JSON; without it there is no limit. */
  readonly storedBytes?: number;
  /** What others serve behind it; asked at each request. */
  readonly aggregated?: () => readonly AggregatedApi[];
}

/** One cluster's API server. Nothing runs in it by itself: it answers, and its watches end with it. */
export interface ApiServer {
  readonly handler: RequestHandler;
  readonly http: HttpHandler;
  snapshot(): StorageSnapshot;
  /** `write` gets each change as it is made, before whoever asked for it is answered. Returns what ends that. */
  follow(write: (change: Change) => void): () => void;
  /** Replaces all objects. Watches from before end with 410 when they are taken up again. */
  restore(snapshot: StorageSnapshot): void;
}

// Documents that never change, made when they are first asked for.
const PUBLISHER = new OpenApiPublisher();

export function createApiServer({
  clock,
  random,
  nodes = () => undefined,
  paths = () => undefined,
  renewed,
  dial = () => Promise.reject(new Error("there is no network")),
  tokens = new Map(),
  openApi = PUBLISHER,
  signer,
  aggregated = () => [],
  storedBytes = Infinity,
}: ApiServerOptions): ApiServer {
  const storage = new Storage({ bytes: storedBytes, objectBytes: MAX_OBJECT_BYTES });
  const base = { storage, clock, random, resources: new ServedResources(storage, aggregated), lines: new EventLines() };
  const lateAuthorizer: Authorizer = { authorize: (attributes) => authorizer.authorize(attributes) };
  const { resources } = base;
  const policies = { resources, authorizer: lateAuthorizer, equivalents: equivalentForms(resources) };
  const admission = [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    podSecurity,
    defaultTolerationSeconds,
    storageInUseProtection,
    priority,
    defaultStorageClass,
    claimResize,
    runtimeClass,
    defaultIngressClass,
    mutatingPolicies(policies),
    mutatingWebhooks(policies),
    certificateRequests(lateAuthorizer, signer),
    rbacEscalation(lateAuthorizer),
    validatingPolicies(policies),
    validatingWebhooks(policies),
    resourceQuota(storage),
  ];
  const server: ServerContext = {
    ...base,
    admission,
    authorizer: lateAuthorizer,
    renewed,
  };
  const authorizer = rbacAuthorizer(strategyContext(server));
  const signingKey = new ClusterSigningKey(storage);
  const accounts = new ServiceAccountTokens(clock, strategyContext(server), signingKey);
  const readToken = async (token: string): Promise<UserInfo | undefined> =>
    tokens.get(token) ?? (await accounts.read(token));
  const handler = createRequestHandler(server, accounts, readToken, dial);
  return {
    handler,
    http: createHttpHandler({ server, handler, nodes, openApi, dial, paths, tokens: readToken, signingKey }),
    snapshot: () => storage.snapshot(),
    follow: (write) => storage.follow(write),
    restore: (snapshot) => storage.restore(snapshot),
  };
}
