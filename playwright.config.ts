import { defineConfig, devices } from "@playwright/test";

/** `slipway test` starts the product and says where it is; by hand: SLIPWAY_URL=http://localhost:3000 npx playwright test. */
const baseURL = process.env.SLIPWAY_URL ?? "http://localhost:3000";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: "line",
  use: {
    baseURL,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  projects: [
    { name: "admin", testMatch: /enter\.spec\.ts/ },
    {
      name: "desktop",
      testIgnore: /(enter|phone|shots)\.spec\.ts/,
      dependencies: ["admin"],
      use: { viewport: { width: 1440, height: 900 } },
    },
    {
      name: "phone",
      testMatch: /phone\.spec\.ts|accessibility\.spec\.ts/,
      dependencies: ["admin"],
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } },
    },
    // Pictures for people to look at; only when told where to put them.
    ...(process.env.SLIPWAY_SHOTS
      ? [{ name: "shots", testMatch: /shots\.spec\.ts/, dependencies: ["admin"], timeout: 240_000 }]
      : []),
  ],
});
