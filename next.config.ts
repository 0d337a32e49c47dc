import { fileURLToPath } from "node:url";
import createMDX from "@next/mdx";
import type { NextConfig } from "next";

const withMDX = createMDX({
  extension: /\.mdx$/,
  options: {
    // Turbopack wants options that can be serialised: plugins go by name or by absolute path.
    remarkPlugins: ["remark-gfm", "remark-frontmatter"],
    rehypePlugins: ["rehype-slug", fileURLToPath(new URL("./components/lesson/rehype-code.mjs", import.meta.url))],
  },
});

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  serverExternalPackages: ["pino", "pg", "@prisma/client", "@prisma/adapter-pg", "better-auth"],
  // Types are checked once, by `npm run check`, for the whole project.
  typescript: { ignoreBuildErrors: true },
};

export default withMDX(config);
