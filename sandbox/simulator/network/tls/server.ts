import type { Duplex } from "../../pipe";
import { joinBytes } from "./der";
import { readCertificates } from "./certificate";
import { GROUPS, newKeyShare, type Group } from "./key-exchange";
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
import { ALERT, RECORD, RecordLayer, TlsError } from "./record-layer";
import { importPrivateKey, schemeOf, sign, type SignatureScheme } from "./signature";
import { tlsStream } from "./tls-stream";

/** A certificate (with its chain, its own first) and its private key. */
export interface TlsIdentity {
  readonly chain: readonly Uint8Array<ArrayBuffer>[];
  readonly key: CryptoKey;
  readonly scheme: SignatureScheme;
}

/** From PEM texts, as a Secret of type `kubernetes.io/tls` has them. Throws `DerError`. */
export async function readIdentity(certificatePem: string, keyPem: string): Promise<TlsIdentity | undefined> {
  const certificates = readCertificates(certificatePem);
  const [own] = certificates;
  const scheme = own && schemeOf(own.publicKey);
  if (!scheme) return undefined;
  const key = await importPrivateKey(keyPem, own.publicKey);
  return { chain: certificates.map(({ bytes }) => bytes), key, scheme };
}

/**
 * The server's side of TLS 1.3 on a stream; `identityFor` gets the name the client asks for, if it says one. Resolves
 * once the client has proved that it follows. Rejects with `TlsError` (what came was no TLS, or none we speak) or
 * `TlsAlertError` (the client broke off, e.g. since it does not trust the certificate).
 */
export async function acceptTls(
  stream: Duplex,
  identityFor: (serverName: string | undefined) => Promise<TlsIdentity> | TlsIdentity,
): Promise<{ stream: Duplex; serverName: string | undefined }> {
  const records = new RecordLayer(stream);
  const handshake = new Handshake(records);
  const hello = readClientHello(await handshake.receive(MESSAGE.CLIENT_HELLO));
  if (!hello.speaksTls13) {
    await records.alert(ALERT.PROTOCOL_VERSION);
    throw new TlsError("unsupported protocol");
  }
  const identity = await identityFor(hello.serverName);
  const offered = GROUPS.flatMap((group) => {
    const share = hello.shares.get(group.code);
    return share ? [{ group, share }] : [];
  })[0];
  if (!offered || !hello.ciphers.includes(AES_128_GCM_SHA256) || !hello.signatures.includes(identity.scheme.code)) {
    await records.alert(ALERT.HANDSHAKE_FAILURE);
    throw new TlsError("no shared cipher");
  }
  const own = await newKeyShare(offered.group);
  await handshake.send(MESSAGE.SERVER_HELLO, serverHello(hello.sessionId, offered.group, own.share));
  if (hello.sessionId.length > 0) await records.write(RECORD.CHANGE_CIPHER, Uint8Array.of(1));
  const secrets = await handshakeSecrets(await own.agree(offered.share), await handshake.transcript());
  await records.sealWith(secrets.server);
  await records.openWith(secrets.client);
  await proveIdentity(handshake, identity, hello.protocols);
  await handshake.send(MESSAGE.FINISHED, await finishedValue(secrets.server, await handshake.transcript()));
  const whole = await handshake.transcript();
  const expected = await finishedValue(secrets.client, whole);
  const application = await secrets.next(whole);
  await records.sealWith(application.server);
  const finished = await handshake.receive(MESSAGE.FINISHED);
  if (finished.some((byte, index) => byte !== expected[index])) throw new TlsError("digest check failed");
  await records.openWith(application.client);
  return { stream: tlsStream(records, stream), serverName: hello.serverName };
}

async function proveIdentity(
  handshake: Handshake,
  { chain, key, scheme }: TlsIdentity,
  protocols: readonly string[],
): Promise<void> {
  const chosen = protocols.includes(HTTP) ? [extension(EXTENSION.ALPN, vector(2, vector(1, encode(HTTP))))] : [];
  await handshake.send(MESSAGE.ENCRYPTED_EXTENSIONS, vector(2, ...chosen));
  const entries = chain.map((each) => joinBytes(vector(3, each), uint16(0)));
  await handshake.send(MESSAGE.CERTIFICATE, joinBytes(vector(1), vector(3, ...entries)));
  const signature = await sign(scheme, key, proofContent("server", await handshake.transcript()));
  await handshake.send(MESSAGE.CERTIFICATE_VERIFY, joinBytes(uint16(scheme.code), vector(2, signature)));
}

const HTTP = "http/1.1";

function serverHello(sessionId: Uint8Array, group: Group, share: Uint8Array): Uint8Array<ArrayBuffer> {
  return joinBytes(
    uint16(0x0303),
    crypto.getRandomValues(new Uint8Array(32)),
    vector(1, sessionId),
    uint16(AES_128_GCM_SHA256),
    Uint8Array.of(0),
    vector(
      2,
      extension(EXTENSION.VERSIONS, uint16(TLS_1_3)),
      extension(EXTENSION.KEY_SHARE, joinBytes(uint16(group.code), vector(2, share))),
    ),
  );
}

function readClientHello(bytes: Uint8Array<ArrayBuffer>) {
  const fields = new Fields(bytes);
  fields.take(34); // the old version number, and a random value that only counts for the transcript
  const sessionId = fields.vector(1);
  const ciphers = new Fields(fields.vector(2)).numbers();
  fields.vector(1);
  const extensions = new Fields(fields.done ? new Uint8Array() : fields.vector(2)).extensions();
  const list = (type: number, lengthBytes: 1 | 2): Fields => {
    const body = extensions.get(type);
    return new Fields(body ? new Fields(body).vector(lengthBytes) : new Uint8Array());
  };
  const shares = new Map<number, Uint8Array<ArrayBuffer>>();
  for (const offered = list(EXTENSION.KEY_SHARE, 2); !offered.done;) {
    const code = offered.number(2);
    shares.set(code, offered.vector(2));
  }
  const protocols: string[] = [];
  for (const offered = list(EXTENSION.ALPN, 2); !offered.done;) protocols.push(decode(offered.vector(1)));
  const names = list(EXTENSION.SERVER_NAME, 2);
  let serverName: string | undefined;
  if (!names.done && names.number(1) === 0) serverName = decode(names.vector(2));
  return {
    sessionId,
    ciphers,
    shares,
    protocols,
    serverName,
    speaksTls13: list(EXTENSION.VERSIONS, 1).numbers().includes(TLS_1_3),
    signatures: list(EXTENSION.SIGNATURES, 2).numbers(),
  };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
