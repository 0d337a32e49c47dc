import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const alias = { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") };
const exclude = ["**/node_modules/**", "dist/**", ".next/**", ".data/**", "e2e/**"];

const SIMULATOR = "sandbox/simulator/**/*.test.ts";

export default defineConfig({
  resolve: { alias },
  test: {
    // The simulator's tests are many and share no state, so they share their modules (two thirds of the time saved);
    // the others start processes and read the environment, each file in a process of its own.
    projects: [
      { extends: true, test: { name: "simulator", include: [SIMULATOR], exclude, isolate: false } },
      { extends: true, test: { name: "node", include: ["**/*.test.ts"], exclude: [...exclude, SIMULATOR] } },
    ],
    testTimeout: 20_000,
    // By itself Vitest leaves a core to whoever watches; half the machine is much, of two.
    maxWorkers: availableParallelism(),
  },
});
