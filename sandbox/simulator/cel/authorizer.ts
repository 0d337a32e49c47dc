import type { Environment } from "@marcbachmann/cel-js";

/** What an expression asks the authorizer about. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Instead of all that: a path outside the API's collections. */
  readonly path?: string;
  /** Whom it is about, when it is not the one who asks. */
  readonly username?: string;
}

export type Authorize = (question: AccessQuestion) => { readonly allowed: boolean; readonly reason: string };

const NAMES = {
  authorizer: "kubernetes.authorization.Authorizer",
  path: "kubernetes.authorization.PathCheck",
  group: "kubernetes.authorization.GroupCheck",
  resource: "kubernetes.authorization.ResourceCheck",
  decision: "kubernetes.authorization.Decision",
};

/** `authorizer` and its checks. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library */
export function registerAuthorizer(environment: Environment): void {
  const { authorizer, path, group, resource, decision } = NAMES;
  environment
    .registerType(decision, Decision)
    .registerType(path, PathCheck)
    .registerType(group, GroupCheck)
    .registerType(resource, ResourceCheck)
    .registerType(authorizer, { ctor: AuthorizerValue, fields: { requestResource: resource } })
    .registerVariable("authorizer", authorizer)
    .registerFunction(
      `${authorizer}.path(string): ${path}`,
      (on: AuthorizerValue, text: string) => new PathCheck(on, text),
    )
    .registerFunction(
      `${authorizer}.group(string): ${group}`,
      (on: AuthorizerValue, text: string) => new GroupCheck(on, text),
    )
    .registerFunction(
      `${authorizer}.serviceAccount(string, string): ${authorizer}`,
      (on: AuthorizerValue, namespace: string, name: string) => on.as(`system:serviceaccount:${namespace}:${name}`),
    )
    .registerFunction(
      `${group}.resource(string): ${resource}`,
      (on: GroupCheck, text: string) =>
        new ResourceCheck(on.authorizer, { ...NOTHING, group: on.name, resource: text }),
    )
    .registerFunction(`${resource}.subresource(string): ${resource}`, (on: ResourceCheck, subresource: string) =>
      on.with({ subresource }),
    )
    .registerFunction(`${resource}.namespace(string): ${resource}`, (on: ResourceCheck, namespace: string) =>
      on.with({ namespace }),
    )
    .registerFunction(`${resource}.name(string): ${resource}`, (on: ResourceCheck, name: string) => on.with({ name }))
    .registerFunction(`${resource}.fieldSelector(string): ${resource}`, (on: ResourceCheck) => on)
    .registerFunction(`${resource}.labelSelector(string): ${resource}`, (on: ResourceCheck) => on)
    .registerFunction(`${resource}.check(string): ${decision}`, (on: ResourceCheck, verb: string) => on.check(verb))
    .registerFunction(`${path}.check(string): ${decision}`, (on: PathCheck, verb: string) => on.check(verb))
    .registerFunction(`${decision}.allowed(): bool`, ({ allowed }: Decision) => allowed)
    .registerFunction(`${decision}.reason(): string`, ({ reason }: Decision) => reason)
    .registerFunction(`${decision}.errored(): bool`, () => false)
    .registerFunction(`${decision}.error(): string`, () => "");
}

const NOTHING = { verb: "", group: "", resource: "", subresource: "", namespace: "", name: "" };

/** The value of `authorizer`: `requestResource` is a check of what the request itself is about. */
export class AuthorizerValue {
  readonly requestResource: ResourceCheck;

  constructor(
    readonly authorize: Authorize,
    readonly request: Omit<AccessQuestion, "verb">,
    readonly username?: string,
  ) {
    this.requestResource = new ResourceCheck(this, { ...NOTHING, ...request });
  }

  as(username: string): AuthorizerValue {
    return new AuthorizerValue(this.authorize, this.request, username);
  }

  ask(question: AccessQuestion): Decision {
    const { allowed, reason } = this.authorize({
      ...question,
      ...(this.username !== undefined && { username: this.username }),
    });
    return new Decision(allowed, reason);
  }
}

class Decision {
  constructor(
    readonly allowed: boolean,
    readonly reason: string,
  ) {}
}

class PathCheck {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly path: string,
  ) {}

  check(verb: string): Decision {
    return this.authorizer.ask({ ...NOTHING, verb, path: this.path });
  }
}

class GroupCheck {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly name: string,
  ) {}
}

class ResourceCheck {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly question: AccessQuestion,
  ) {}

  with(more: Partial<AccessQuestion>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.question, ...more });
  }

  check(verb: string): Decision {
    return this.authorizer.ask({ ...this.question, verb });
  }
}
