import { describe, expect, it } from "vitest";
import { readConfig } from "./config";

const GOOD = {
  NODE_ENV: "production",
  PORT: "3100",
  SLIPWAY_SECRET: "s".repeat(48),
  SLIPWAY_INSTANCE: "abcd1234",
  SLIPWAY_STATE_DIR: "/var/lib/slipway/abcd1234",
  DATABASE_URL: "postgres://web:pw@127.0.0.1:5432/slipway",
};

describe("readConfig", () => {
  it("takes the loopback names with its port as origins when none are given", () => {
    expect(readConfig(GOOD).origins).toEqual(["http://localhost:3100", "http://127.0.0.1:3100"]);
  });

  it("reduces the addresses it is given to origins", () => {
    const { origins } = readConfig({ ...GOOD, SLIPWAY_ORIGINS: "https://k8s.example/, http://localhost:3100/x" });
    expect(origins).toEqual(["https://k8s.example", "http://localhost:3100"]);
  });

  it("finds the manager's socket in the state folder", () => {
    expect(readConfig(GOOD).managerSocket).toBe("/var/lib/slipway/abcd1234/manager.sock");
  });

  it.each([
    ["SLIPWAY_SECRET", "short"],
    ["SLIPWAY_ORIGINS", "localhost:3000"],
    ["DATABASE_URL", undefined],
    ["PORT", "http"],
  ])("names the variable that is wrong: %s", (name, value) => {
    expect(() => readConfig({ ...GOOD, [name]: value })).toThrow(name);
  });
});
