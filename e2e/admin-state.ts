/** Where the admin's cookies are kept between projects. */
export const ADMIN_STATE = "test-results/.admin.json";

/** The link that `slipway admin` printed for this installation. */
export function adminLink(): string {
  const link = process.env.SLIPWAY_ADMIN_LINK;
  if (!link) throw new Error("set SLIPWAY_ADMIN_LINK to what `slipway admin` prints");
  return link;
}
