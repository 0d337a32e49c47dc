/** As much of a WebSocket as the terminal needs. */
export interface SocketLike {
  /** Dropped silently while the socket is not open. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface SocketEvents {
  onMessage(message: string | ArrayBuffer): void;
  /** Called once, also when the socket never opened. */
  onClose(code: number): void;
}

export type OpenSocket = (path: string, protocol: string | undefined, events: SocketEvents) => SocketLike;

export const openWebSocket: OpenSocket = (path, protocol, events) => {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", (event: MessageEvent<string | ArrayBuffer>) => events.onMessage(event.data));
  socket.addEventListener("close", (event) => events.onClose(event.code));
  return {
    send(bytes) {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    close: () => socket.close(),
  };
};
