import { applets } from "./applets/table";
import { busybox } from "./applets/busybox";
import type { Programs } from "./processes/program";
import type { Program } from "./processes/program";
import { httpd } from "./programs/httpd";
import { hpaExample } from "./programs/hpa-example";
import { nginx } from "./programs/nginx";
import { agnhost } from "./programs/agnhost";
import { demoWeb } from "./programs/demo-web";
import { helloApp } from "./programs/hello-app";
import { httpEcho } from "./programs/http-echo";
import { redisCli, redisServer } from "./programs/redis/redis";
import { stress } from "./programs/stress";
import { coredns } from "./programs/coredns";
import { ingressController } from "./programs/ingress-controller";
import { pause } from "./programs/system";
import { shellProgram } from "./shell/shell-program";

/** Every program that a file of an image can stand for. */
export const programs: Programs = new Map<string, Program>([
  ["nginx", nginx],
  ["httpd", httpd],
  ["hpa-example", hpaExample],
  ["stress", stress],
  ["pause", pause],
  ["coredns", coredns],
  ["agnhost", agnhost],
  ["demo-web", demoWeb],
  ["hello-app", helloApp],
  ["http-echo", httpEcho],
  ["redis-server", redisServer],
  ["redis-cli", redisCli],
  ["nginx-ingress-controller", ingressController],
  ["dash", shellProgram("dash")],
  ["bash", shellProgram("bash")],
  ["busybox", busybox],
  ...[...applets].map(([name, applet]): [string, Program] => [
    `gnu/${name}`,
    (process) => applet(process, { name, args: process.argv.slice(1), flavour: "gnu" }),
  ]),
]);
