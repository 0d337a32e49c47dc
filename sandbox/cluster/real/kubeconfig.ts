import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { SandboxError } from "../../protocol/codes";
import { Upstream } from "./upstream";

const text = z.string().min(1).optional();

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  "certificate-authority-data": text,
  "certificate-authority": text,
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": text,
});
const userSchema = z.object({
  "client-certificate-data": text,
  "client-certificate": text,
  "client-key-data": text,
  "client-key": text,
  token: text,
  tokenFile: text,
  exec: z.unknown().optional(),
  "auth-provider": z.unknown().optional(),
});
const kubeconfigSchema = z.object({
  "current-context": z.string().min(1),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  users: z.array(z.object({ name: z.string(), user: userSchema })),
});

/**
 * The way to a cluster by the current context of a kubeconfig; paths in it are relative to the file, as for kubectl.
 * Programs that fetch credentials are not run: a ServiceAccount's token or a certificate is what a server can keep.
 * @throws SandboxError `driver-unavailable` that says what is wrong with the file
 */
export async function upstreamOf(path: string): Promise<Upstream> {
  try {
    return await upstreamIn(await readFile(path, "utf8"), dirname(resolve(path)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("driver-unavailable", `${path}: ${why}`, { cause });
  }
}

/** Where a server is seen from here, when that is not what the file says. */
export interface SeenAt {
  readonly host: string;
  readonly port?: number;
  /** What its certificate knows it by. */
  readonly servername: string;
}

/** The same of its text. */
export async function upstreamIn(source: string, folder: string, seenAt?: SeenAt): Promise<Upstream> {
  const config = kubeconfigSchema.parse(parse(source));
  const name = config["current-context"];
  const context = config.contexts.find((one) => one.name === name)?.context;
  const cluster = config.clusters.find((one) => one.name === context?.cluster)?.cluster;
  const user = config.users.find((one) => one.name === context?.user)?.user;
  if (!cluster || !user) throw new Error(`the context ${JSON.stringify(name)} leads nowhere`);
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    throw new Error("its user gets credentials from a program; give a token or a certificate instead");
  }
  const pem = (data: string | undefined, file: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Promise.resolve(Buffer.from(data, "base64").toString("utf8"));
    return file === undefined ? Promise.resolve(undefined) : readFile(resolve(folder, file), "utf8");
  };
  const { token, tokenFile } = user;
  // Read each time: whoever put the file there may renew it.
  const readToken = async (): Promise<string> => (await readFile(resolve(folder, tokenFile ?? ""), "utf8")).trim();
  const server = new URL(cluster.server);
  if (seenAt) server.hostname = seenAt.host;
  if (seenAt?.port !== undefined) server.port = String(seenAt.port);
  return new Upstream({
    server,
    tls: {
      ca: await pem(cluster["certificate-authority-data"], cluster["certificate-authority"]),
      cert: await pem(user["client-certificate-data"], user["client-certificate"]),
      key: await pem(user["client-key-data"], user["client-key"]),
      servername: seenAt?.servername ?? cluster["tls-server-name"],
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
    token: token !== undefined ? () => Promise.resolve(token) : tokenFile !== undefined ? readToken : undefined,
  });
}
