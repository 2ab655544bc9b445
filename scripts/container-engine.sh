#!/usr/bin/env bash
# Brings the container engines up that the tests use, on a bare Debian or Ubuntu machine: docker with its daemon, buildah,
# and a registry program. Does nothing where they are there and docker answers. Needs root, or sudo.
set -euo pipefail

sudo=$([ "$(id -u)" = 0 ] || echo sudo)
missing=()
for pair in dockerd:docker.io buildah:buildah docker-registry:docker-registry tini:tini; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair##*:}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  # Where packages start their services, these have nothing to do: docker is started below, the registry by the tests.
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

docker_answers() { $sudo docker version >/dev/null 2>&1; }

if ! docker_answers; then
  # In a machine that is itself confined there are often no firewall rules to be made, and no overlay file system for the
  # daemon. Tests make networks of their own, so the default bridge is not needed.
  log=$(mktemp /tmp/dockerd-XXXXXX.log)
  $sudo setsid nohup dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs >"$log" 2>&1 </dev/null &
  for _ in $(seq 1 120); do
    docker_answers && break
    kill -0 $! 2>/dev/null || break
    sleep 0.5
  done
  if ! docker_answers; then
    echo "dockerd does not answer; the end of its log ($log):" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
fi
docker --version
buildah --version
