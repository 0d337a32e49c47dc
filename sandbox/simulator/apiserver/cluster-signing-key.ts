import type { KubeObject } from "../api/object";
import { SigningKey, type SigningKeyData } from "./signing-key";
import type { Storage } from "./storage";

/** Not among what the API serves: a cluster's own things, saved with its objects. */
const COLLECTION = "#cluster/keys";
const NAME = "service-account-tokens";

interface KeptKey extends KubeObject {
  readonly data: SigningKeyData;
}

/** The key that tokens of a cluster are signed with: made when it is first needed, kept in the store, so that it comes back with it. */
export class ClusterSigningKey {
  readonly #storage: Storage;
  #from: KubeObject | undefined;
  #key: Promise<SigningKey> | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get(): Promise<SigningKey> {
    const kept = this.#kept();
    // After a restore another one may stand there.
    if (!this.#key || (this.#from && kept !== this.#from)) {
      this.#from = kept;
      this.#key = kept ? SigningKey.from(kept.data) : this.#make();
    }
    return this.#key;
  }

  async #make(): Promise<SigningKey> {
    const key = await SigningKey.create();
    const kept: KeptKey = { metadata: { name: NAME }, data: await key.data() };
    this.#from = this.#storage.create(COLLECTION, NAME, kept);
    return key;
  }

  #kept(): KeptKey | undefined {
    // The collection holds what is written here only.
    return this.#storage.get(COLLECTION, NAME) as KeptKey | undefined;
  }
}
