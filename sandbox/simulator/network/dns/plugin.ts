import type { DnsQuestion, DnsRecord } from "../dns-message";

/** What a plugin (or the one after it) answers. */
export interface DnsReply {
  readonly code: number;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** One question on its way down the chain. */
export interface DnsRequest {
  readonly question: DnsQuestion;
  readonly id: number;
  readonly protocol: "udp" | "tcp";
  readonly client: { readonly address: string; readonly port: number };
  readonly size: number;
}

/** Answers, or asks the next one. */
export type Resolver = (request: DnsRequest) => Promise<DnsReply>;
export type Plugin = (next: Resolver) => Resolver;

export function emptyReply(code: number, authoritative = false): DnsReply {
  return { code, authoritative, answers: [], authorities: [], additionals: [] };
}
