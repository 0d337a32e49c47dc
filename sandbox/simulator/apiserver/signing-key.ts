import { encodeBase64Url, decodeBase64Url } from "../api/base64";
import { subtle } from "../subtle";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** A key as JSON, the private part with it. https://www.rfc-editor.org/rfc/rfc7517 */
export type SigningKeyData = Readonly<Record<"kty" | "crv" | "x" | "y" | "d", string>>;

/** What the API server signs the tokens of service accounts with (ES256), and who may check them with. */
export class SigningKey {
  /** How tokens name their key: the hash of its public part, as the real server makes it. */
  readonly id: string;
  readonly #private: CryptoKey;
  readonly #public: CryptoKey;

  private constructor(id: string, privateKey: CryptoKey, publicKey: CryptoKey) {
    this.id = id;
    this.#private = privateKey;
    this.#public = publicKey;
  }

  static async create(): Promise<SigningKey> {
    const { privateKey, publicKey } = await subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    return SigningKey.#of(privateKey, publicKey);
  }

  /** From what `data` gave. Rejects when that is no key. */
  static async from({ kty, crv, x, y, d }: SigningKeyData): Promise<SigningKey> {
    const privateKey = await subtle.importKey("jwk", { kty, crv, x, y, d }, ALGORITHM, true, ["sign"]);
    const publicKey = await subtle.importKey("jwk", { kty, crv, x, y }, ALGORITHM, true, ["verify"]);
    return SigningKey.#of(privateKey, publicKey);
  }

  static async #of(privateKey: CryptoKey, publicKey: CryptoKey): Promise<SigningKey> {
    const der = await subtle.exportKey("spki", publicKey);
    const id = encodeBase64Url(new Uint8Array(await subtle.digest("SHA-256", der)));
    return new SigningKey(id, privateKey, publicKey);
  }

  /** What keeps the key. */
  async data(): Promise<SigningKeyData> {
    const { kty = "", crv = "", x = "", y = "", d = "" } = await subtle.exportKey("jwk", this.#private);
    return { kty, crv, x, y, d };
  }

  /** The public part, as `/openid/v1/jwks` shows it. */
  async publicData(): Promise<Readonly<Record<string, string>>> {
    const { kty, crv, x, y } = await this.data();
    return { use: "sig", kty, kid: this.id, crv, alg: "ES256", x, y };
  }

  /** A JSON web token with these claims. */
  async sign(claims: object): Promise<string> {
    const head = encodeJson({ alg: "ES256", kid: this.id });
    const body = `${head}.${encodeJson(claims)}`;
    const signature = await subtle.sign(SIGNING, this.#private, new TextEncoder().encode(body));
    return `${body}.${encodeBase64Url(new Uint8Array(signature))}`;
  }

  /** The claims of a token of ours; `undefined` for anything else. */
  async verify(token: string): Promise<unknown> {
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || signature === "") return undefined;
    try {
      const bytes = decodeBase64Url(signature);
      const signed = new TextEncoder().encode(`${head}.${body}`);
      if (!(await subtle.verify(SIGNING, this.#public, bytes, signed))) return undefined;
      return JSON.parse(new TextDecoder().decode(decodeBase64Url(body))) as unknown;
    } catch {
      // Not base64, not JSON: not a token of ours.
      return undefined;
    }
  }
}

function encodeJson(value: object): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}
