# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
RUN npm ci
COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM node:24-slim
LABEL org.opencontainers.image.title="authctl" \
      org.opencontainers.image.description="A self-hosted auth daemon for products whose customers have customers" \
      org.opencontainers.image.licenses="GPL-3.0-or-later" \
      org.opencontainers.image.version="0.1.0"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    AUTHCTL_DATA_DIR=/data
RUN groupadd --gid 10001 authctl \
 && useradd --uid 10001 --gid authctl --no-create-home --home-dir /data --shell /usr/sbin/nologin authctl \
 && install -d -m 0700 -o authctl -g authctl /data
WORKDIR /app
COPY --from=build /app/package.json /app/oclif.manifest.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/examples/policies examples/policies
USER 10001:10001
VOLUME /data
EXPOSE 8000
# The daemon installs its own signal handlers, so it may be PID 1: SIGTERM drains and exits 0.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["node", "dist/cli/bin.js", "healthcheck"]
ENTRYPOINT ["node", "dist/cli/bin.js"]
CMD ["start"]
