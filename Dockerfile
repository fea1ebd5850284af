# The image of Clipline: every role by its command, `up` (everything in one container) when none is given.
#
# The base is pinned by tag. To pin it by digest as well:
#   docker build --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:24-bookworm-slim

# What runs in production: no development dependencies, but the optional ones, with which the sandbox renders.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
# The sandbox uses FFmpeg as a library, which is there; its command line would be a download that nobody calls.
ENV SKIP_FFMPEG=true
COPY package.json package-lock.json ./
COPY prisma/generate-client.js prisma/
# The development dependencies are forgotten altogether, because `--omit=dev` keeps those of them that a library names as
# an optional peer: the Prisma command, and all that comes with it. And not `npm ci`, which wants the lock file to name
# the binary packages of every platform there is.
RUN npm pkg delete devDependencies && npm install --no-audit --no-fund

FROM dependencies AS build
COPY package.json package-lock.json prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma prisma
RUN npm install --no-audit --no-fund
COPY src src
RUN npm run build

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY prisma/schema.prisma prisma/
COPY prisma/migrations prisma/migrations

# Nothing outside of /data and /tmp is written, so the root may be read-only. Run it with `--init` (compose:
# `init: true`): Clipline handles signals itself, but does not reap the children of its children.
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["up"]
