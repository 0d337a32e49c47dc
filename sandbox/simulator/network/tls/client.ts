import type { Duplex } from "../../pipe";
import { isIPv4 } from "../address";
import { parseCertificate, type Certificate } from "./certificate";
import { joinBytes } from "./der";
import { GROUPS, newKeyShare } from "./key-exchange";
import { finishedValue, handshakeSecrets } from "./key-schedule";
import {
  AES_128_GCM_SHA256,
  EXTENSION,
  Fields,
  Handshake,
  MESSAGE,
  TLS_1_3,
  extension,
  proofContent,
  uint16,
  vector,
} from "./messages";
import { ALERT, RecordLayer, TlsError } from "./record-layer";
import { SCHEMES, schemeOf, verify } from "./signature";
import { tlsStream } from "./tls-stream";

export interface TlsClientOptions {
  /** The name (or address) that is asked for. */
  readonly name: string;
  /** Looks at the server's chain, its own certificate first; `false` breaks off. */
  readonly accepts: (chain: readonly Certificate[]) => Promise<boolean>;
}

/**
 * The client's side of TLS 1.3 on a stream. Rejects with `TlsError` (no TLS, or the chain was not accepted) or
 * `TlsAlertError` (the server broke off).
 */
export async function connectTls(stream: Duplex, { name, accepts }: TlsClientOptions): Promise<Duplex> {
  const records = new RecordLayer(stream);
  const handshake = new Handshake(records);
  const keys = new Map(await Promise.all(GROUPS.map(async (group) => [group.code, await newKeyShare(group)] as const)));
  await handshake.send(
    MESSAGE.CLIENT_HELLO,
    clientHello(
      name,
      [...keys].map(([code, { share }]) => joinBytes(uint16(code), vector(2, share))),
    ),
  );
  const { group, share } = readServerHello(await handshake.receive(MESSAGE.SERVER_HELLO));
  const own = keys.get(group);
  if (!own) throw new TlsError("unsupported group");
  const secrets = await handshakeSecrets(await own.agree(share), await handshake.transcript());
  await records.openWith(secrets.server);
  await handshake.receive(MESSAGE.ENCRYPTED_EXTENSIONS);
  const chain = readChain(await handshake.receive(MESSAGE.CERTIFICATE));
  const before = await handshake.transcript();
  const proof = new Fields(await handshake.receive(MESSAGE.CERTIFICATE_VERIFY));
  await checkProof(chain[0], proof, before);
  const expected = await finishedValue(secrets.server, await handshake.transcript());
  const finished = await handshake.receive(MESSAGE.FINISHED);
  if (finished.some((byte, index) => byte !== expected[index])) throw new TlsError("digest check failed");
  await records.sealWith(secrets.client);
  if (!(await accepts(chain))) {
    await records.alert(ALERT.UNKNOWN_CA);
    throw new TlsError("certificate verify failed");
  }
  const whole = await handshake.transcript();
  const application = await secrets.next(whole);
  await handshake.send(MESSAGE.FINISHED, await finishedValue(secrets.client, whole));
  await records.sealWith(application.client);
  await records.openWith(application.server);
  return tlsStream(records, stream);
}

async function checkProof(
  certificate: Certificate | undefined,
  proof: Fields,
  transcript: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const code = proof.number(2);
  const scheme = certificate && schemeOf(certificate.publicKey);
  const holds =
    scheme?.code === code &&
    (await verify(
      scheme,
      certificate?.publicKey ?? new Uint8Array(),
      proof.vector(2),
      proofContent("server", transcript),
    ));
  if (!holds) throw new TlsError("bad signature");
}

function clientHello(name: string, shares: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const serverName = joinBytes(Uint8Array.of(0), vector(2, encoder.encode(name)));
  return joinBytes(
    uint16(0x0303),
    crypto.getRandomValues(new Uint8Array(32)),
    vector(1, crypto.getRandomValues(new Uint8Array(32))),
    vector(2, uint16(AES_128_GCM_SHA256)),
    vector(1, Uint8Array.of(0)),
    vector(
      2,
      ...(isIPv4(name) ? [] : [extension(EXTENSION.SERVER_NAME, vector(2, serverName))]),
      extension(EXTENSION.GROUPS, vector(2, uint16(...GROUPS.map(({ code }) => code)))),
      extension(EXTENSION.SIGNATURES, vector(2, uint16(...SCHEMES.map(({ code }) => code)))),
      extension(EXTENSION.ALPN, vector(2, vector(1, encoder.encode("http/1.1")))),
      extension(EXTENSION.VERSIONS, vector(1, uint16(TLS_1_3))),
      extension(EXTENSION.KEY_SHARE, vector(2, ...shares)),
    ),
  );
}

function readServerHello(bytes: Uint8Array<ArrayBuffer>): { group: number; share: Uint8Array<ArrayBuffer> } {
  const fields = new Fields(bytes);
  fields.take(34);
  fields.vector(1);
  fields.take(3);
  const share = new Fields(fields.vector(2)).extensions().get(EXTENSION.KEY_SHARE);
  if (!share) throw new TlsError("unsupported protocol");
  const parts = new Fields(share);
  return { group: parts.number(2), share: parts.vector(2) };
}

function readChain(bytes: Uint8Array<ArrayBuffer>): Certificate[] {
  const fields = new Fields(bytes);
  fields.vector(1);
  const entries = new Fields(fields.vector(3));
  const chain: Certificate[] = [];
  while (!entries.done) {
    chain.push(parseCertificate(entries.vector(3)));
    entries.vector(2);
  }
  return chain;
}
