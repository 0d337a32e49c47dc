import { matchesName, type Certificate, type Trust } from "../../../network/tls/certificate";

/** Why a certificate is not trusted, as Go's crypto/x509 says it. */
export function trustFault(
  trust: Exclude<Trust, "ok">,
  leaf: Certificate | undefined,
  name: string,
  now: number,
): string {
  return `tls: failed to verify certificate: x509: ${why(trust, leaf, name, now)}`;
}

function why(trust: Exclude<Trust, "ok">, leaf: Certificate | undefined, name: string, now: number): string {
  switch (trust) {
    case "self-signed":
    case "unknown-issuer":
    case "bad-signature":
      return "certificate signed by unknown authority";
    case "expired":
      return `certificate has expired or is not yet valid: current time ${time(now)} is after ${time(leaf?.notAfter ?? 0)}`;
    case "not-yet-valid":
      return `certificate has expired or is not yet valid: current time ${time(now)} is before ${time(leaf?.notBefore ?? 0)}`;
    case "wrong-name":
      return wrongName(leaf, name);
  }
}

function wrongName(leaf: Certificate | undefined, name: string): string {
  const names = leaf?.dnsNames ?? [];
  if (names.length > 0) return `certificate is valid for ${names.join(", ")}, not ${name}`;
  const isOldStyle = leaf && (leaf.commonName === name || matchesName({ ...leaf, dnsNames: [leaf.commonName] }, name));
  if (isOldStyle) return "certificate relies on legacy Common Name field, use SANs instead";
  return `certificate is not valid for any names, but wanted to match ${name}`;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
