import { Pipe, type Duplex, type PipeReader, type PipeWriter } from "../../pipe";
import { ALERT, RECORD, TlsAlertError, TlsError, type RecordLayer } from "./record-layer";

/** What an established connection carries, in the clear for whoever holds this end. */
export function tlsStream(records: RecordLayer, under: Duplex): Duplex {
  const received = new Pipe();
  void pump(records, received, under);
  return { reader: new Reader(received, under), writer: new Writer(records, under) };
}

async function pump(records: RecordLayer, received: Pipe, under: Duplex): Promise<void> {
  try {
    for (let record = await records.read(); record; record = await records.read()) {
      if (record.type === RECORD.DATA) await received.write(record.content);
      else if (record.type === RECORD.ALERT) {
        const code = record.content[1] ?? ALERT.CLOSE_NOTIFY;
        if (code !== ALERT.CLOSE_NOTIFY) throw new TlsAlertError(code);
        break;
      }
      // Tickets and the like are for resuming, which nobody does here.
    }
    received.end();
  } catch (error) {
    received.abort(error instanceof Error ? error : new TlsError(String(error)));
    under.reader.cancel();
  }
}

class Reader implements PipeReader {
  constructor(
    readonly received: Pipe,
    readonly under: Duplex,
  ) {}

  read(): Promise<Uint8Array | undefined> {
    return this.received.read();
  }

  tryRead(): Uint8Array | undefined | "empty" {
    return this.received.tryRead();
  }

  cancel(): void {
    this.received.cancel();
    this.under.reader.cancel();
  }
}

class Writer implements PipeWriter {
  readonly #records: RecordLayer;
  readonly #under: Duplex;
  #last: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(records: RecordLayer, under: Duplex) {
    this.#records = records;
    this.#under = under;
  }

  get closed(): boolean {
    return this.#ended || this.#under.writer.closed;
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#last.then(() =>
      bytes.byteLength === 0 ? undefined : this.#records.write(RECORD.DATA, bytes),
    );
    // Who wrote learns of the failure; whoever is next tries anew.
    this.#last = written.catch(() => undefined);
    return written;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#last
      .then(() => this.#records.alert(ALERT.CLOSE_NOTIFY))
      .catch(() => undefined)
      .then(() => this.#under.writer.end());
  }

  abort(error: Error): void {
    this.#ended = true;
    this.#under.writer.abort(error);
  }
}
