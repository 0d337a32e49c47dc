/**
 * The cluster's authority, as far as requests for certificates need it. Whoever makes a cluster brings it: cryptography
 * is not the simulator's.
 */
export interface CertificateSigner {
  /** When the authority's own certificate ends, epoch milliseconds. */
  readonly notAfter: number;
  /** Whether a request was signed with the key that it asks a certificate for. */
  verify(request: SignedRequest): boolean;
  /** A certificate in PEM. */
  signCertificate(certificate: CertificateContent): string;
}

/** The parts of a PKCS#10 request that its signature is about; all DER. */
export interface SignedRequest {
  /** What is signed. */
  readonly content: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The algorithm's object identifier, dotted. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

export interface CertificateContent {
  /** DER of the key, the name and, where there are any, the alternative names, as requested. */
  readonly publicKey: Uint8Array;
  readonly subject: Uint8Array;
  readonly alternativeNames?: Uint8Array;
  /** Kubernetes' names: `digital signature`, `client auth`, … */
  readonly usages: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}
