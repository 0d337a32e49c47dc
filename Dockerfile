# One image for every process of Slipway; docker-compose.yml says which one a container runs and with what rights.
ARG BASE=node:22-bookworm-slim
FROM ${BASE}

# runc and mmdebstrap make the learners' workstations; iproute2 and util-linux open their addresses.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates debian-archive-keyring iproute2 mmdebstrap procps runc util-linux \
 && rm -rf /var/lib/apt/lists/*

ENV SLIPWAY_STATE_DIR=/var/lib/slipway/state SLIPWAY_CACHE_DIR=/var/lib/slipway/cache SLIPWAY_INSTANCE=compose
WORKDIR /opt/slipway
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund --loglevel=error
COPY . .
# Everything but the workstations' root file system, which wants rights that a build does not have: it is made at the
# first start, into the cache volume.
RUN node bin/slipway.mjs build

VOLUME /var/lib/slipway
CMD ["node", "bin/slipway.mjs", "start", "--host", "0.0.0.0"]
