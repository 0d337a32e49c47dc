import type { Channel } from "../../api/channel";
import { Pipe, type PipeReader } from "../../pipe";
import { data, FrameReader, ping, reset, RESET, SpdyError, synReply, type SpdyFrame } from "./spdy-frames";
import { HeaderReader, HeaderWriter, type SpdyHeaders } from "./spdy-headers";

/** One of many streams of a connection, opened by the client. */
export interface SpdyStream {
  readonly id: number;
  /** Names in lower case. */
  readonly headers: SpdyHeaders;
  /** What the client sends; at its end when the client ended or broke off the stream, or is gone. */
  readonly reader: PipeReader;
  /** Resolves when there is room for more; rejects when the stream is over or the client is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more is written; twice is harmless. */
  end(): void;
}

const MAX_STREAMS = 1000;
// What a stream may hold back before the whole connection waits for its reader.
const MAX_UNREAD_BYTES = 1024 * 1024;

/** The server's end of a SPDY/3 connection whose bytes travel in the messages of a channel. */
export class SpdyConnection {
  readonly #channel: Channel;
  readonly #frames = new FrameReader();
  readonly #headersIn = new HeaderReader();
  readonly #headersOut = new HeaderWriter();
  readonly #streams = new Map<number, Stream>();
  #lastId = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Reads until the client is gone or talks no SPDY. `onStream` is told of each new stream; `false` refuses it. When
   * it resolves, every stream is at its end.
   */
  async serve(onStream: (stream: SpdyStream) => boolean): Promise<void> {
    try {
      for (let message = await this.#channel.receive(); message; message = await this.#channel.receive()) {
        for (const frame of this.#frames.push(message)) {
          if (frame.kind === "go-away") return;
          await this.#handle(frame, onStream);
        }
      }
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      this.#channel.close(1002, error.message);
    } finally {
      for (const stream of this.#streams.values()) stream.breakOff();
      this.#streams.clear();
    }
  }

  async #handle(frame: SpdyFrame, onStream: (stream: SpdyStream) => boolean): Promise<void> {
    switch (frame.kind) {
      case "syn-stream":
        this.#open(frame, onStream);
        return;
      case "data": {
        const stream = this.#streams.get(frame.streamId);
        await stream?.receive(frame.bytes);
        if (frame.isLast) stream?.receiveEnd();
        return;
      }
      case "reset":
        this.#streams.get(frame.streamId)?.breakOff();
        this.#streams.delete(frame.streamId);
        return;
      case "headers":
        // Nobody asks for them, but all header blocks are one compressed stream.
        this.#headersIn.read(frame.headers);
        return;
      case "ping":
        // Even ids would answer pings of ours.
        if (frame.id % 2 === 1) this.#send(ping(frame.id));
        return;
      case "go-away":
      case "ignored":
        return;
    }
  }

  #open(
    { streamId, headers, isLast }: SpdyFrame & { kind: "syn-stream" },
    onStream: (stream: SpdyStream) => boolean,
  ): void {
    const read = this.#headersIn.read(headers);
    if (streamId % 2 === 0 || streamId <= this.#lastId) {
      this.#send(reset(streamId, RESET.protocolError));
      return;
    }
    this.#lastId = streamId;
    const stream = new Stream(streamId, read, this.#channel, () => this.#streams.delete(streamId));
    if (this.#streams.size >= MAX_STREAMS || !onStream(stream)) {
      stream.breakOff();
      this.#send(reset(streamId, this.#streams.size >= MAX_STREAMS ? RESET.refused : RESET.cancel));
      return;
    }
    this.#streams.set(streamId, stream);
    this.#send(synReply(streamId, this.#headersOut.empty()));
    if (isLast) stream.receiveEnd();
  }

  #send(frame: Uint8Array): void {
    // A client that is gone is noticed by the reading end.
    this.#channel.send(frame).catch(() => undefined);
  }
}

class Stream implements SpdyStream {
  readonly #incoming = new Pipe();
  readonly #channel: Channel;
  readonly #forget: () => void;
  #unread = 0;
  #isReadEnded = false;
  #isWriteEnded = false;

  constructor(
    readonly id: number,
    readonly headers: SpdyHeaders,
    channel: Channel,
    forget: () => void,
  ) {
    this.#channel = channel;
    this.#forget = forget;
  }

  get reader(): PipeReader {
    return this.#incoming;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isWriteEnded) throw new Error(`stream ${this.id} is over`);
    await this.#channel.send(data(this.id, bytes, false));
  }

  end(): void {
    if (this.#isWriteEnded) return;
    this.#isWriteEnded = true;
    this.#channel.send(data(this.id, new Uint8Array(), true)).catch(() => undefined);
    if (this.#isReadEnded) this.#forget();
  }

  /** Waits only when too much is unread already. */
  async receive(bytes: Uint8Array): Promise<void> {
    this.#unread += bytes.byteLength;
    const taken = this.#incoming
      .write(bytes)
      // Nobody reads it any more.
      .catch(() => undefined)
      .then(() => void (this.#unread -= bytes.byteLength));
    if (this.#unread > MAX_UNREAD_BYTES) await taken;
  }

  receiveEnd(): void {
    this.#incoming.end();
    this.#isReadEnded = true;
    if (this.#isWriteEnded) this.#forget();
  }

  /** Neither direction goes on, and the client need not be told. */
  breakOff(): void {
    this.#incoming.end();
    this.#isReadEnded = true;
    this.#isWriteEnded = true;
  }
}
