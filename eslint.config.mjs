import next from "eslint-config-next/core-web-vitals";
import ts from "typescript-eslint";

const source = ["{app,components,course,sandbox}/**/*.{ts,tsx}", "bin/bench/*.ts", "e2e/**/*.ts"];
const tests = ["**/*.test.{ts,tsx}", "**/*.contract.ts", "e2e/**/*.ts"];

/** The direction of dependencies (ARCHITECTURE.md): which folder may not import from which. */
const sandbox = ["manager", "cluster", "workstation", "terminal", "checks", "simulator"];
const mayImport = {
  app: ["app", "components", "course", "prisma", "sandbox/protocol", "content/messages"],
  components: ["components", "sandbox/protocol", "content/messages"],
  course: ["course", "sandbox/protocol"],
};
const zones = [
  ...Object.entries(mayImport).map(([target, allowed]) => ({
    target: `./${target}`,
    from: ".",
    except: ["node_modules", ...allowed],
    message: `${target}/ may import only ${allowed.join(", ")}.`,
  })),
  {
    target: "./sandbox",
    from: ["./app", "./components", "./course", "./content"],
    message: "sandbox/ knows nothing of the site or of lessons.",
  },
  { target: "./sandbox/!(manager)/**", from: "./sandbox/manager", message: "Nobody imports the manager." },
  {
    target: "./sandbox/!(manager)/**",
    from: "./prisma",
    message: "Only the manager's store adapter knows the database.",
  },
  {
    target: "./sandbox/protocol",
    from: sandbox.map((name) => `./sandbox/${name}`),
    message: "The protocol imports nothing.",
  },
  {
    target: "./sandbox/simulator",
    from: [
      "./prisma",
      "./sandbox/protocol",
      ...sandbox.filter((name) => name !== "simulator").map((name) => `./sandbox/${name}`),
    ],
    message: "The simulator imports nothing outside itself.",
  },
  {
    target: ["./sandbox/checks", "./sandbox/terminal", "./sandbox/workstation"],
    from: ["./sandbox/cluster", "./sandbox/simulator"],
    message: "It works with any cluster.",
  },
  {
    target: ["./sandbox/simulator/controllers", "./sandbox/simulator/scheduler", "./sandbox/simulator/kubelet"],
    from: ["./sandbox/simulator/registry", "./sandbox/simulator/apiserver"],
    message: "Components talk to the API through client/ only.",
  },
];

const timeAndChance = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Time comes from the injected Clock.",
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Time comes from the injected Clock." },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "Randomness comes from the injected Random.",
  },
  {
    selector: "CallExpression[callee.name=/^set(Timeout|Interval)$/]",
    message: "Timers come from the injected Clock.",
  },
  {
    selector: "MemberExpression[object.name='crypto'][property.name='subtle']",
    message: "WebCrypto comes from subtle.ts, which lets a cluster settle.",
  },
];

export default ts.config(
  {
    ignores: [
      ".next/**",
      "dist/**",
      "node_modules/**",
      ".data/**",
      "next-env.d.ts",
      "**/generated/**",
      "test-results/**",
    ],
  },
  ...next,
  {
    files: source,
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "import/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
      "no-console": "error",
      eqeqeq: ["error", "always"],
    },
  },
  {
    files: ["{app,components}/**/*.tsx"],
    rules: {
      "react/jsx-no-literals": [
        "error",
        {
          noStrings: true,
          ignoreProps: true,
          allowedStrings: [" ", "·", "›", "/", ":", "%", "…", "(", ")", "—", "$", "#", "+", "–", "×", "✓", ","],
        },
      ],
    },
  },
  {
    files: ["sandbox/simulator/**/*.ts"],
    ignores: ["sandbox/simulator/serve/**", "sandbox/simulator/{clock,subtle}.ts", ...tests],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["node:*"], message: "Node's modules are for serve/ only." }] },
      ],
      "no-restricted-syntax": ["error", ...timeAndChance],
    },
  },
  {
    files: tests,
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
