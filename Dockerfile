# One image for every process of Slipway; docker-compose.yml says which one a container runs and with what rights.
ARG BASE=node:22-bookworm-slim
FROM ${BASE}

# runc and mmdebstrap make the learners' workstations; iproute2 and util-linux open their addresses.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates debian-archive-keyring iproute2 mmdebstrap procps runc util-linux \
 && rm -rf /var/lib/apt/lists/*

# Only for learners with real clusters: the kind command, and Docker's.
ARG WITH_KIND=0
ARG KIND_VERSION=v0.33.0
RUN if [ "$WITH_KIND" = 1 ]; then \
      apt-get update && apt-get install --yes --no-install-recommends docker.io && rm -rf /var/lib/apt/lists/* \
      && node -e 'fetch(process.argv[1]).then(async (r) => { if (!r.ok) throw new Error(r.status); require("fs").writeFileSync("/usr/local/bin/kind", Buffer.from(await r.arrayBuffer()), { mode: 0o755 }); })' \
         "https://kind.sigs.k8s.io/dl/${KIND_VERSION}/kind-linux-$(dpkg --print-architecture)"; \
    fi

ENV SLIPWAY_STATE_DIR=/var/lib/slipway/state SLIPWAY_CACHE_DIR=/var/lib/slipway/cache SLIPWAY_INSTANCE=compose
WORKDIR /opt/slipway
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund --loglevel=error
COPY . .
# Everything but the workstations' root file system, which wants rights that a build does not have: it is made at the
# first start, into the cache volume.
RUN node bin/slipway.mjs build

ENV SLIPWAY_BUILT=1
VOLUME /var/lib/slipway
EXPOSE 3000
CMD ["node", "bin/slipway.mjs", "start", "--host", "0.0.0.0"]
