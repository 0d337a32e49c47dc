import type { HttpHandler } from "../api/channel";
import { createApiServer } from "../apiserver/api-server";
import { FakeClock, flushPromises } from "../clock";
import { SeededRandom } from "../random";
import type { Client } from "./client";
import { describeClient, type ClientUnderTest } from "./client.contract";
import { HttpClient } from "./http-client";
import { InProcessClient } from "./in-process-client";
import { NAMESPACES, SERVICE_ACCOUNTS } from "./resources";

describeClient("the in-process client", () => underTest((internal) => internal));

describeClient("the HTTP client", () =>
  underTest((_, http) => {
    const peer = { certificate: { commonName: "admin", organizations: ["system:masters"] } };
    return new HttpClient({
      server: "https://cluster.test",
      fetch: (request) => http.fetch(request, peer),
      fieldManager: "test",
    });
  }),
);

async function underTest(choose: (internal: Client, http: HttpHandler) => Client): Promise<ClientUnderTest> {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const user = { username: "admin", groups: ["system:masters", "system:authenticated"] };
  const internal = new InProcessClient(server.handler, user, "test");
  await internal.create(NAMESPACES, { metadata: { name: "default" } });
  await internal.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace: "default" } });
  return {
    client: choose(internal, server.http),
    settle: async () => {
      for (let turn = 0; turn < 5; turn++) await flushPromises();
    },
    // What was restored has no history.
    forgetHistory: () => {
      server.restore(server.snapshot());
      return Promise.resolve();
    },
  };
}
