import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { SUPPORTED_PAGE, supportedPage } from "./supported";

const root = fileURLToPath(new URL("../../../", import.meta.url));

it("docs/supported.md is what `npm run generate` makes of the code", async () => {
  expect(readFileSync(`${root}${SUPPORTED_PAGE}`, "utf8")).toBe(await supportedPage(root));
});
