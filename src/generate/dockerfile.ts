export interface DockerfileOptions {
  /** Debian packages that the program uses. */
  readonly packages: readonly string[];
  readonly version: string;
}

/**
 * An image with the program and everything that guests need, built from the folder of the project. Debian 13 has a Node that is new
 * enough. It runs as a user of its own; with `--device /dev/kvm` guests are quick.
 */
export function dockerfile({ packages, version }: DockerfileOptions): string {
  const names = [...packages, 'ca-certificates', 'nodejs', 'npm', 'python3'].sort();
  return `# Made by: vexfs-trace generate dockerfile
#   docker build -t vexfs-trace .
#   docker run --rm --device /dev/kvm -v "$PWD/runs:/work/runs" vexfs-trace run quick
FROM debian:trixie-slim

LABEL org.opencontainers.image.title="vexfs-trace" \\
      org.opencontainers.image.version="${version}" \\
      org.opencontainers.image.licenses="Apache-2.0"

RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
${names.map((name) => `      ${name} \\\n`).join('')} && useradd --create-home --uid 1000 vexfs

COPY --chown=vexfs . /opt/vexfs-trace
RUN mkdir /work && chown vexfs /work
# Fetches the kernel that guests boot, which takes the lists of packages.
ENV XDG_CACHE_HOME=/opt/cache
RUN cd /opt/vexfs-trace && .ci/setup.sh && rm -rf /var/lib/apt/lists/* && chown -R vexfs /opt/cache \\
 && ln -s /opt/vexfs-trace/bin/vexfs-trace /usr/local/bin/vexfs-trace

USER vexfs
WORKDIR /work
ENTRYPOINT ["vexfs-trace"]
CMD ["--help"]
`;
}
