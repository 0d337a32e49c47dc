#!/usr/bin/env node
// The one command of the project: `node bin/slipway.mjs <command>`. Needs nothing but Node until a command asks for more.
const OLDEST_NODE = [20, 19];

const COMMANDS = {
  start: "install what is missing, build, and run Slipway on this machine  [--port N] [--host ADDRESS]",
  build: "build everything that needs no rights, as into an image",
  test: "run every check and test  [--only STAGE,…]",
  check: "format, lint, boundaries, types, dead code  [--fix]",
  golden: "compare the simulated cluster with recordings of a real one  [--only PATTERN]",
  lessons: "verify the lessons: start must not pass, the solution must, wrong answers fail with their message",
  bench: "measure, as JSON  first-light",
  chaos: "kill everything under learners at work, then count what is lost  --minutes 2",
  sim: "run one simulated cluster  --kubeconfig FILE [--port N | --socket PATH] [--token T] [--nodes N] [--addon NAME]… [--profile full|control-plane]",
  admin: "print a one-time link that makes whoever opens it an admin  [--allow kind|existing|simulated --user ID]",
  tool: "print the path of kubectl or helm  kubectl|helm",
  doctor: "say what works on this machine, what is missing and what mends it",
  generate: "make the generated sources (schema, database client)",
};

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  fail(
    `Slipway needs Node ${OLDEST_NODE.join(".")} or later; this is ${process.versions.node}. Install a newer one from https://nodejs.org/ and run this again.`,
  );
}

const [name, ...argv] = process.argv.slice(2);
if (name === undefined || name === "help" || name === "--help" || name === "-h") {
  const width = Math.max(...Object.keys(COMMANDS).map((key) => key.length));
  console.log(
    "slipway <command>\n\n" +
      Object.entries(COMMANDS)
        .map(([key, text]) => `  ${key.padEnd(width)}  ${text}`)
        .join("\n"),
  );
} else if (!Object.hasOwn(COMMANDS, name)) {
  fail(`There is no command "${name}". \`slipway help\` lists them.`, 2);
} else {
  try {
    const command = await import(`./commands/${name}.mjs`);
    const code = await command.run(argv);
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    if (error?.name === "Failure") fail(error.message);
    if (error?.code?.startsWith?.("ERR_PARSE_ARGS")) fail(error.message, 2);
    if (error?.code === "ENOSPC")
      fail(`The disk is full (${error.path ?? "while writing"}). Free some space and run this again.`);
    throw error;
  }
}

function fail(message, code = 1) {
  console.error(`slipway: ${message}`);
  process.exit(code);
}
