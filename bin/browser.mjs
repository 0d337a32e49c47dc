import { existsSync } from "node:fs";
import { Failure } from "./failure.mjs";
import { installPackages } from "./packages.mjs";

/** The path of a Chromium: CHROMIUM_PATH, Debian's, or Debian's just installed. */
export async function ensureBrowser() {
  const known = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = () => known.find((path) => path && existsSync(path));
  if (!found()) await installPackages(["chromium"]);
  const path = found();
  if (!path)
    throw new Failure("There is no Chromium for the end-to-end tests.", "Install it, or set CHROMIUM_PATH to one.");
  return path;
}
