import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { anonymous } from "better-auth/plugins";
import { config } from "./config";
import { database } from "./database";
import { invite } from "./invite";

const DAY_SECONDS = 24 * 60 * 60;

let made: ReturnType<typeof makeAuth> | undefined;

/** Accounts and sessions. Its own HTTP routes are not mounted: what the site offers goes through our routes. */
export function auth(): ReturnType<typeof makeAuth> {
  made ??= makeAuth();
  return made;
}

function makeAuth() {
  const { origins, secret, instance } = config();
  return betterAuth({
    baseURL: origins[0],
    trustedOrigins: [...origins],
    secret,
    telemetry: { enabled: false },
    database: prismaAdapter(database(), { provider: "postgresql", transaction: true }),
    user: { additionalFields: { role: { type: "string", input: false, required: false, defaultValue: "learner" } } },
    session: { expiresIn: 30 * DAY_SECONDS, updateAge: DAY_SECONDS },
    advanced: {
      database: { generateId: false },
      // Cookies do not know ports: two installations on one host must not take each other's.
      cookiePrefix: `slipway-${instance}`,
      defaultCookieAttributes: { sameSite: "strict", httpOnly: true, path: "/" },
      useSecureCookies: origins.every((origin) => origin.startsWith("https:")),
    },
    plugins: [anonymous({ emailDomainName: "guest.slipway.invalid", generateName: () => "Guest" }), invite()],
  });
}
