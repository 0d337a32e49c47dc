import { build } from "../installation.mjs";

/** `slipway build`: builds everything that needs no rights and no machine of its own, as into an image. */
export async function run() {
  await build();
}
