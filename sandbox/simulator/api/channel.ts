/**
 * A message stream to one client: what is left of a WebSocket when HTTP is off. Frames are whole messages; the first
 * byte is the stream number in the `v4.channel.k8s.io` and `v5.channel.k8s.io` subprotocols.
 */
export interface Channel {
  readonly protocol: string;
  /** The next message; `undefined` when the peer has closed. */
  receive(): Promise<Uint8Array | undefined>;
  /** Resolves when there is room for more; rejects when the peer is gone. */
  send(message: Uint8Array): Promise<void>;
  close(code?: number, reason?: string): void;
}

/** A request that may become a channel: the answer of `connect`, before the edge has accepted the upgrade. */
export type Upgrade =
  /**
   * Accept with this subprotocol, then hand the channel over; `run` resolves when the session is over. With `spdy` the
   * connection changes to SPDY/3.1 instead of WebSocket: messages are pieces of its bytes, cut anywhere.
   */
  | { kind: "accept"; protocol: string; spdy?: boolean; run(channel: Channel): Promise<void> }
  /** Refuse with an ordinary response. */
  | { kind: "refuse"; response: Response };

/** Who holds the other end, as the TLS edge saw it. */
export interface Peer {
  /** Subject of the verified client certificate: CN is the user, each O a group. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
}

/** The HTTP face of the API server; `serve/` puts it behind TLS. */
export interface HttpHandler {
  fetch(request: Request, peer: Peer): Promise<Response>;
  connect(request: Request, peer: Peer): Promise<Upgrade>;
}
