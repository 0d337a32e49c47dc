import type { Duplex } from "../../pipe";
import { judgeChain, readCertificates, type Certificate, type Trust } from "../../network/tls/certificate";
import { connectTls } from "../../network/tls/client";
import { DerError } from "../../network/tls/der";
import { TlsAlertError, TlsError } from "../../network/tls/record-layer";
import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";

/** TLS over a connection, or curl's number and words for why it failed. */
export type Secured =
  | { kind: "open"; stream: Duplex; certificate: Certificate | undefined }
  | { kind: "failed"; code: number; message: string };

export type Authorities =
  { kind: "known"; certificates: readonly Certificate[] } | { kind: "unreadable"; path: string };

/** Without `authorities` any certificate will do, as for `curl -k` and busybox's wget. */
export async function openSecure(
  process: Process,
  connection: Duplex,
  { name, authorities }: { readonly name: string; readonly authorities?: Authorities },
): Promise<Secured> {
  if (authorities?.kind === "unreadable") {
    return { kind: "failed", code: 77, message: `error setting certificate file: ${authorities.path}` };
  }
  let certificate: Certificate | undefined;
  const judged: { trust: Trust } = { trust: "ok" };
  const accepts = async (chain: readonly Certificate[]): Promise<boolean> => {
    certificate = chain[0];
    if (authorities) judged.trust = await judgeChain(chain, authorities.certificates, name, process.clock.now());
    return judged.trust === "ok";
  };
  try {
    return { kind: "open", stream: await process.until(connectTls(connection, { name, accepts })), certificate };
  } catch (error) {
    if (error instanceof TlsAlertError) return { kind: "failed", code: 35, message: alertText(error.code) };
    if (!(error instanceof TlsError) && !(error instanceof DerError)) throw error;
    const { trust } = judged;
    if (trust === "ok") {
      return { kind: "failed", code: 35, message: `OpenSSL/3.0.17: error:0A00010B:SSL routines::${error.message}` };
    }
    return { kind: "failed", code: 60, message: `${trustText(trust, name)}\n${MORE_DETAILS}` };
  }
}

/** The authorities in a file; by default those that the image brings. */
export function trustedBy(process: Process, path: string | undefined): Authorities {
  const { fileSystem } = process.machine;
  try {
    return { kind: "known", certificates: readCertificates(fileSystem.readText(process, path ?? SYSTEM_BUNDLE)) };
  } catch (error) {
    if (!(error instanceof FileError) && !(error instanceof DerError)) throw error;
    return path === undefined ? { kind: "known", certificates: [] } : { kind: "unreadable", path };
  }
}

const SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

const MORE_DETAILS = `More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.`;

function trustText(trust: Exclude<Trust, "ok">, name: string): string {
  switch (trust) {
    case "self-signed":
      return "SSL certificate problem: self-signed certificate";
    case "unknown-issuer":
      return "SSL certificate problem: unable to get local issuer certificate";
    case "expired":
      return "SSL certificate problem: certificate has expired";
    case "not-yet-valid":
      return "SSL certificate problem: certificate is not yet valid";
    case "bad-signature":
      return "SSL certificate problem: certificate signature failure";
    case "wrong-name":
      return `SSL: no alternative certificate subject name matches target host name '${name}'`;
  }
}

function alertText(code: number): string {
  return code === 112
    ? "OpenSSL/3.0.17: error:0A000458:SSL routines::tlsv1 unrecognized name"
    : "OpenSSL/3.0.17: error:0A000410:SSL routines::sslv3 alert handshake failure";
}
