import type { RespValue } from "./resp";

interface Entry {
  value: string | string[] | Map<string, string>;
  /** Epoch milliseconds; absent for keys that stay. */
  expiresAt?: number;
}

const OK: RespValue = { kind: "simple", text: "OK" };
const NULL: RespValue = { kind: "null" };
const WRONG_TYPE: RespValue = {
  kind: "error",
  text: "WRONGTYPE Operation against a key holding the wrong kind of value",
};
const NOT_A_NUMBER: RespValue = { kind: "error", text: "ERR value is not an integer or out of range" };
const MAX_BYTES = 32 * 1024 * 1024;

const integer = (value: number): RespValue => ({ kind: "integer", value });
const bulk = (text: string | undefined): RespValue => (text === undefined ? NULL : { kind: "bulk", text });
const array = (texts: readonly (string | undefined)[]): RespValue => ({ kind: "array", items: texts.map(bulk) });

type Command = (args: readonly string[]) => RespValue;

/** Keys and values, and the commands on them that lessons use: https://redis.io/docs/latest/commands/ */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  #bytes = 0;
  readonly #commands: Readonly<Record<string, readonly [minimum: number, run: Command] | undefined>>;

  constructor(now: () => number) {
    this.#now = now;
    this.#commands = {
      PING: [0, ([text]) => (text === undefined ? { kind: "simple", text: "PONG" } : bulk(text))],
      ECHO: [1, ([text]) => bulk(text)],
      SELECT: [1, () => OK],
      AUTH: [
        1,
        () => ({
          kind: "error",
          text: "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
        }),
      ],
      COMMAND: [0, () => ({ kind: "array", items: [] })],
      CLIENT: [0, () => OK],
      SET: [2, (args) => this.#set(args)],
      SETEX: [3, ([key = "", seconds = "", value = ""]) => this.#set([key, value, "EX", seconds])],
      SETNX: [2, ([key = "", value = ""]) => integer(this.#set([key, value, "NX"]) === OK ? 1 : 0)],
      GET: [1, ([key = ""]) => this.#text(key, bulk)],
      GETSET: [2, ([key = "", value = ""]) => this.#text(key, (old) => (this.#put(key, value), bulk(old)))],
      MSET: [2, (args) => this.#pairs(args)],
      MGET: [1, (keys) => array(keys.map((key) => this.#stringAt(key)))],
      APPEND: [2, ([key = "", more = ""]) => this.#text(key, (old = "") => integer(this.#put(key, old + more).length))],
      STRLEN: [1, ([key = ""]) => this.#text(key, (old = "") => integer(old.length))],
      INCR: [1, ([key = ""]) => this.#add(key, 1)],
      DECR: [1, ([key = ""]) => this.#add(key, -1)],
      INCRBY: [2, ([key = "", by = ""]) => this.#add(key, Number(by))],
      DECRBY: [2, ([key = "", by = ""]) => this.#add(key, -Number(by))],
      DEL: [1, (keys) => integer(keys.filter((key) => this.#delete(key)).length)],
      UNLINK: [1, (keys) => integer(keys.filter((key) => this.#delete(key)).length)],
      EXISTS: [1, (keys) => integer(keys.filter((key) => this.#live(key)).length)],
      KEYS: [
        1,
        ([pattern = "*"]) =>
          array([...this.#entries.keys()].filter((key) => this.#live(key) && globMatches(pattern, key))),
      ],
      TYPE: [1, ([key = ""]) => ({ kind: "simple", text: this.#typeOf(key) })],
      EXPIRE: [2, ([key = "", seconds = ""]) => this.#expire(key, Number(seconds))],
      PERSIST: [1, ([key = ""]) => this.#persist(key)],
      TTL: [1, ([key = ""]) => this.#ttl(key)],
      DBSIZE: [0, () => integer([...this.#entries.keys()].filter((key) => this.#live(key)).length)],
      FLUSHALL: [0, () => this.#clear()],
      FLUSHDB: [0, () => this.#clear()],
      LPUSH: [2, ([key = "", ...items]) => this.#list(key, (list) => integer(list.unshift(...items.reverse())))],
      RPUSH: [2, ([key = "", ...items]) => this.#list(key, (list) => integer(list.push(...items)))],
      LPOP: [1, ([key = ""]) => this.#list(key, (list) => bulk(list.shift()))],
      RPOP: [1, ([key = ""]) => this.#list(key, (list) => bulk(list.pop()))],
      LLEN: [1, ([key = ""]) => this.#list(key, (list) => integer(list.length))],
      LRANGE: [
        3,
        ([key = "", start = "", stop = ""]) =>
          this.#list(key, (list) => array(range(list, Number(start), Number(stop)))),
      ],
      HSET: [3, ([key = "", ...pairs]) => this.#hash(key, (hash) => setFields(hash, pairs))],
      HGET: [2, ([key = "", field = ""]) => this.#hash(key, (hash) => bulk(hash.get(field)))],
      HDEL: [
        2,
        ([key = "", ...fields]) =>
          this.#hash(key, (hash) => integer(fields.filter((field) => hash.delete(field)).length)),
      ],
      HGETALL: [1, ([key = ""]) => this.#hash(key, (hash) => array([...hash].flat()))],
      HLEN: [1, ([key = ""]) => this.#hash(key, (hash) => integer(hash.size))],
    };
  }

  /** The answer to one command, its name among `words`. */
  run(words: readonly string[]): RespValue {
    const [name = "", ...args] = words;
    const command = this.#commands[name.toUpperCase()];
    if (!command) {
      const shown = args.map((word) => `'${word}' `).join("");
      return { kind: "error", text: `ERR unknown command '${name}', with args beginning with: ${shown}` };
    }
    if (args.length < command[0])
      return { kind: "error", text: `ERR wrong number of arguments for '${name.toLowerCase()}' command` };
    const answer = command[1](args);
    if (this.#bytes > MAX_BYTES) {
      const [key = ""] = args;
      this.#delete(key);
      return { kind: "error", text: "OOM command not allowed when used memory > 'maxmemory'." };
    }
    return answer;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAt !== undefined && entry.expiresAt <= this.#now()) {
      this.#delete(key);
      return undefined;
    }
    return entry;
  }

  #put(key: string, value: string): string {
    this.#delete(key);
    this.#entries.set(key, { value });
    this.#bytes += key.length + value.length;
    return value;
  }

  #delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (typeof entry?.value === "string") this.#bytes -= key.length + entry.value.length;
    return this.#entries.delete(key);
  }

  #clear(): RespValue {
    this.#entries.clear();
    this.#bytes = 0;
    return OK;
  }

  #set([key = "", value = "", ...options]: readonly string[]): RespValue {
    const flags = options.map((word) => word.toUpperCase());
    if (flags.includes("NX") && this.#live(key)) return NULL;
    if (flags.includes("XX") && !this.#live(key)) return NULL;
    const seconds = Number(options[flags.indexOf("EX") + 1]);
    if (flags.includes("EX") && !(Number.isInteger(seconds) && seconds > 0))
      return { kind: "error", text: "ERR invalid expire time in 'set' command" };
    this.#put(key, value);
    if (flags.includes("EX")) this.#expire(key, seconds);
    return OK;
  }

  #pairs(args: readonly string[]): RespValue {
    if (args.length % 2 !== 0) return { kind: "error", text: "ERR wrong number of arguments for 'mset' command" };
    for (let at = 0; at < args.length; at += 2) this.#put(args[at] ?? "", args[at + 1] ?? "");
    return OK;
  }

  #stringAt(key: string): string | undefined {
    const value = this.#live(key)?.value;
    return typeof value === "string" ? value : undefined;
  }

  #text(key: string, work: (old: string | undefined) => RespValue): RespValue {
    const value = this.#live(key)?.value;
    return value === undefined || typeof value === "string" ? work(value) : WRONG_TYPE;
  }

  #add(key: string, by: number): RespValue {
    return this.#text(key, (old = "0") => {
      const sum = Number(old) + by;
      if (!/^-?\d+$/.test(old) || !Number.isSafeInteger(sum)) return NOT_A_NUMBER;
      const expiresAt = this.#live(key)?.expiresAt;
      this.#put(key, String(sum));
      const entry = this.#entries.get(key);
      if (entry && expiresAt !== undefined) entry.expiresAt = expiresAt;
      return integer(sum);
    });
  }

  #list(key: string, work: (list: string[]) => RespValue): RespValue {
    const value = this.#live(key)?.value ?? [];
    if (!Array.isArray(value)) return WRONG_TYPE;
    const answer = work(value);
    if (value.length > 0) this.#entries.set(key, { ...this.#entries.get(key), value });
    else this.#entries.delete(key);
    return answer;
  }

  #hash(key: string, work: (hash: Map<string, string>) => RespValue): RespValue {
    const value = this.#live(key)?.value ?? new Map<string, string>();
    if (!(value instanceof Map)) return WRONG_TYPE;
    const answer = work(value);
    if (value.size > 0) this.#entries.set(key, { ...this.#entries.get(key), value });
    else this.#entries.delete(key);
    return answer;
  }

  #typeOf(key: string): string {
    const value = this.#live(key)?.value;
    if (value === undefined) return "none";
    return typeof value === "string" ? "string" : Array.isArray(value) ? "list" : "hash";
  }

  #expire(key: string, seconds: number): RespValue {
    const entry = this.#live(key);
    if (!Number.isInteger(seconds)) return NOT_A_NUMBER;
    if (entry) entry.expiresAt = this.#now() + seconds * 1000;
    return integer(entry ? 1 : 0);
  }

  #persist(key: string): RespValue {
    const entry = this.#live(key);
    const had = entry?.expiresAt !== undefined;
    if (entry) delete entry.expiresAt;
    return integer(had ? 1 : 0);
  }

  #ttl(key: string): RespValue {
    const entry = this.#live(key);
    if (!entry) return integer(-2);
    return integer(entry.expiresAt === undefined ? -1 : Math.ceil((entry.expiresAt - this.#now()) / 1000));
  }
}

function setFields(hash: Map<string, string>, pairs: readonly string[]): RespValue {
  let added = 0;
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    if (!hash.has(pairs[at] ?? "")) added++;
    hash.set(pairs[at] ?? "", pairs[at + 1] ?? "");
  }
  return integer(added);
}

function range(list: readonly string[], start: number, stop: number): readonly string[] {
  const from = start < 0 ? Math.max(list.length + start, 0) : start;
  const to = stop < 0 ? list.length + stop : stop;
  return list.slice(from, to + 1);
}

/** `*` and `?` as KEYS knows them, without going back more than once per star. */
function globMatches(pattern: string, text: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  let index = 0;
  while (index < text.length) {
    if (pattern[at] === "*") [star, mark] = [at++, index];
    else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[index]))
      [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, index] = [star + 1, ++mark];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
