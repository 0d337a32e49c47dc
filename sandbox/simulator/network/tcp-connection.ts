import { Pipe } from "../pipe";
import { ConnectionResetError, type Connection, type Hop, type SocketAddress } from "./network";

/** What one side of a connection knows of both. */
export interface Ends {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

/**
 * The two ends of a new connection, the client's first. Ending a writer is a half close; a reset breaks both directions
 * for both ends. The server's view differs from the client's where addresses were translated on the way.
 */
export function connectionPair(client: Ends, server: Ends, trace: readonly Hop[]): [TcpEnd, TcpEnd] {
  const up = new Pipe();
  const down = new Pipe();
  return [
    new TcpEnd(down, up, client.local, client.remote, trace),
    new TcpEnd(up, down, server.local, server.remote, trace),
  ];
}

export class TcpEnd implements Connection {
  readonly reader: Pipe;
  readonly writer: Pipe;

  constructor(
    reader: Pipe,
    writer: Pipe,
    readonly local: SocketAddress,
    readonly remote: SocketAddress,
    readonly trace: readonly Hop[],
  ) {
    this.reader = reader;
    this.writer = writer;
  }

  reset(): void {
    const error = new ConnectionResetError("Connection reset by peer");
    this.reader.abort(error);
    this.writer.abort(error);
  }

  /** Nothing more can be sent either way. */
  get finished(): boolean {
    return this.reader.closed && this.writer.closed;
  }
}
