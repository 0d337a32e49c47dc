import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const alias = { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") };
const exclude = ["**/node_modules/**", "dist/**", ".next/**", ".data/**", "e2e/**"];

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [{ extends: true, test: { name: "node", include: ["**/*.test.ts"], exclude, environment: "node" } }],
    testTimeout: 20_000,
    // By itself Vitest leaves a core to whoever watches; half the machine is much, of two.
    maxWorkers: availableParallelism(),
  },
});
