import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  PolicyRule,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
  TokenReview,
  UserInfo as WireUser,
} from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { ApiRequest, UserInfo } from "../api/request";
import { toTime } from "../clock";
import type { TokenReader } from "./authentication";
import { draftOf } from "./body";
import { rulesFor, SUPERUSERS } from "./rbac";
import { strategyContext, type ServerContext } from "./server-context";
import type { Target } from "./target";

/**
 * Questions that are asked by creating an object which is never stored: who am I, may I, whose token is this.
 * `undefined` when the target is none of them.
 */
export function answerReview(
  server: ServerContext,
  { info }: Target,
  request: ApiRequest,
  tokens: TokenReader,
): KubeObject | Promise<KubeObject> | undefined {
  if (info.group !== "authentication.k8s.io" && info.group !== "authorization.k8s.io") return undefined;
  const draft = draftOf(request.body, info);
  draft.metadata = { ...draft.metadata, creationTimestamp: toTime(server.clock.now()) };
  switch (info.kind) {
    case "SelfSubjectReview":
      return whoAmI(draft, request.user);
    case "SelfSubjectAccessReview": {
      const review = draft as SelfSubjectAccessReview;
      return answered(review, judge(server, request.user, review.spec));
    }
    case "SubjectAccessReview":
    case "LocalSubjectAccessReview": {
      const review = draft as SubjectAccessReview | LocalSubjectAccessReview;
      const { user = "", groups = [], uid, extra } = review.spec;
      return answered(review, judge(server, { username: user, groups, uid, extra }, review.spec));
    }
    case "SelfSubjectRulesReview":
      return listRules(server, draft as SelfSubjectRulesReview, request.user);
    case "TokenReview":
      return reviewToken(draft as TokenReview, tokens);
    default:
      return undefined;
  }
}

function answered(review: KubeObject, status: object): KubeObject {
  return { ...review, ...{ status } };
}

function whoAmI(draft: SelfSubjectReview, user: UserInfo): SelfSubjectReview {
  return { ...draft, status: { userInfo: wireUser(user) } };
}

function wireUser({ username, uid, groups, extra }: UserInfo): WireUser {
  const lists = extra && Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
  return { username, ...(uid && { uid }), groups: [...groups], ...(lists && { extra: lists }) };
}

function judge(
  { authorizer }: ServerContext,
  user: UserInfo,
  spec: { resourceAttributes?: ResourceAttributes; nonResourceAttributes?: NonResourceAttributes },
): SubjectAccessReviewStatus {
  const {
    group = "",
    version = "",
    resource = "",
    subresource = "",
    namespace = "",
    name = "",
    verb = "",
  } = spec.resourceAttributes ?? {};
  const path = spec.nonResourceAttributes && {
    path: spec.nonResourceAttributes.path ?? "",
    verb: spec.nonResourceAttributes.verb ?? "",
  };
  const { allowed, reason } = authorizer.authorize({
    user,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    ...path,
  });
  return { allowed, ...(reason !== "" && { reason }) };
}

function listRules(server: ServerContext, review: SelfSubjectRulesReview, user: UserInfo): KubeObject {
  const everything: PolicyRule[] = [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ];
  const isSuperuser = user.groups.some((group) => SUPERUSERS.includes(group));
  const found = [...rulesFor(user, review.spec.namespace ?? "", strategyContext(server))].flat();
  const rules = isSuperuser ? [...everything, ...found] : found;
  const resourceRules = rules
    .filter((rule) => rule.resources?.length)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames && { resourceNames }),
    }));
  const nonResourceRules = rules
    .filter((rule) => rule.nonResourceURLs?.length)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  const status = { resourceRules, nonResourceRules, incomplete: false };
  return answered(review, status);
}

async function reviewToken(review: TokenReview, tokens: TokenReader): Promise<KubeObject> {
  const user = await tokens(review.spec.token);
  const status = user
    ? { authenticated: true, user: wireUser(user), audiences: review.spec.audiences }
    : { error: "invalid bearer token" };
  return answered(review, status);
}
