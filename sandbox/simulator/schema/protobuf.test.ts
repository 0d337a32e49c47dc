import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FIXTURE_EXCEPTIONS } from "./parity-exceptions";
import { DecodeError, decodeProtobuf } from "./protobuf";

const fixtures = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/fixtures");
const names = existsSync(fixtures)
  ? readdirSync(fixtures)
      .flatMap((file) => (file.endsWith(".pb") ? [file.slice(0, -3)] : []))
      .filter((name) => !Object.hasOwn(FIXTURE_EXCEPTIONS, name))
  : [];

describe.skipIf(names.length === 0)(
  `protobuf bodies of ${names.length} kinds${names.length === 0 ? ` (skipped: ${fixtures} is not there)` : ""}`,
  () => {
    let exact = 0;
    afterAll(() => {
      const percent = ((100 * exact) / names.length).toFixed(0);
      const listed = Object.keys(FIXTURE_EXCEPTIONS).length;
      process.stdout.write(
        `codec: ${exact} of ${names.length} fixtures decode to exactly their JSON (${percent} %), exceptions listed: ${listed}\n`,
      );
    });

    it.each(names)("decodes %s to its JSON form", (name) => {
      const expected: unknown = JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8"));
      const [, group, version, kind] = /^(.+)\.(v\d)\.([^.]+)/.exec(name) ?? [];
      const apiVersion = group === "core" ? "v1" : `${group}/${version}`;
      const decoded = decodeProtobuf(readFileSync(join(fixtures, `${name}.pb`)), { apiVersion, kind: kind ?? "" });
      expect(decoded.object).toEqual(expected);
      exact++;
    });

    it("gives a clear error for every cut of a message and never hangs", () => {
      const body = readFileSync(join(fixtures, "batch.v1.Job.pb"));
      let refused = 0;
      for (let length = 0; length < body.length; length += 7) {
        try {
          decodeProtobuf(body.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(body.length / 8);
    });

    it("gives a clear error, or some object, for flipped bytes", () => {
      const original = readFileSync(join(fixtures, "core.v1.Pod.pb"));
      for (let at = 4; at < original.length; at += 11) {
        const body = Uint8Array.from(original);
        body[at] = (body[at] ?? 0) ^ 0xff;
        try {
          decodeProtobuf(body);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }
    });
  },
);

it("refuses a body without the Kubernetes prefix", () => {
  expect(() => decodeProtobuf(new TextEncoder().encode('{"kind":"Pod"}'))).toThrow(
    /does not appear to be a protobuf message/,
  );
});

it("refuses a kind that has no protobuf form", () => {
  const body = Uint8Array.from([0x6b, 0x38, 0x73, 0, 10, 9, 10, 2, 0x76, 0x31, 18, 3, 0x46, 0x6f, 0x6f]);
  expect(() => decodeProtobuf(body)).toThrow('no kind "Foo" is registered for version "v1"');
});
