#!/bin/sh
# Brings what the project needs: Debian packages, npm packages, the guest kernel, the build. A second run changes nothing.
#   .ci/setup.sh                all of it
#   .ci/setup.sh kernel 6.12    also the Debian cloud kernel of that series and its headers
#   .ci/setup.sh arch arm64     also QEMU, a cross compiler, Debian's cloud kernel, its headers and busybox for that architecture
#   .ci/setup.sh kernel-build   also what `vexfs-trace guest kernel build` needs: Debian's source of the kernel (6.1, or the series named) and tools
#   .ci/setup.sh browser        also chromium, which prints reports and shows pages to the full tests, and what reads a PDF
#   .ci/setup.sh postgresql     also a PostgreSQL server, which tests start themselves
#   .ci/setup.sh prometheus     also promtool, which checks metrics and rules
#   .ci/setup.sh shells         also zsh, fish and man, which check what `vexfs-trace generate` writes
# Exit 3 when something is missing that only root can bring; the line before says how.
set -eu
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/vexfs-trace"
changed=no

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 3; }

check_node() {
	command -v node >/dev/null || fail "Node.js is not installed; run: apt-get install nodejs npm (20.19 or newer is needed)"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
		fail "Node.js $(node -v) is too old; install 20.19 or newer"
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
	missing=
	for package; do installed "$package" || missing="$missing $package"; done
	[ -n "$missing" ] || return 0
	changed=yes
	say "installing$missing"
	if [ "$(id -u)" = 0 ]; then
		root=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		root=sudo
	elif command -v sudo >/dev/null && [ -t 0 ]; then
		root=sudo
	else
		fail "as root, run: apt-get update && apt-get install --no-install-recommends$missing"
	fi
	log="$(mktemp)"
	# shellcheck disable=SC2086 # words are package names
	if ! { $root apt-get update -q && $root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -5 "$log" >&2
		rm -f "$log"
		fail "apt-get failed; as root, run: apt-get update && apt-get install --no-install-recommends$missing"
	fi
	rm -f "$log"
}

# The kernel image is only unpacked, not installed: the boot menu of this machine stays as it is.
fetch_kernel() {
	meta="$1"
	headers="$(dpkg-query -W -f '${Depends}' "$meta" | tr ',' '\n' | sed -n 's/^ *\(linux-headers-[0-9][^ ]*\).*/\1/p' | head -1)"
	release="${headers#linux-headers-}"
	[ -n "$release" ] || fail "$meta does not say which kernel it is for"
	dir="$cache/kernels/$release"
	[ "$meta" = linux-headers-cloud-amd64 ] && stock="$release"
	[ -e "$dir/boot/vmlinuz-$release" ] && return 0
	changed=yes
	say "fetching kernel $release"
	mkdir -p "$cache/kernels"
	fresh="$(mktemp -d)"
	chmod 755 "$fresh"
	(cd "$fresh" && apt-get download -q "linux-image-$release" >/dev/null 2>log) || {
		tail -3 "$fresh/log" >&2
		rm -rf "$fresh"
		fail "kernel package linux-image-$release could not be fetched; run: apt-get update, then make setup"
	}
	dpkg-deb -x "$fresh"/linux-image-*.deb "$fresh/root"
	# Since Debian 13 modules lie in /usr/lib.
	[ -d "$fresh/root/lib" ] || mv "$fresh/root/usr/lib" "$fresh/root/lib"
	/sbin/depmod -b "$fresh/root" "$release" || { rm -rf "$fresh"; fail "depmod failed for kernel $release"; }
	rm -rf "$dir"
	mkdir -p "$dir"
	mv "$fresh/root/boot" "$fresh/root/lib" "$dir/"
	rm -rf "$fresh"
}

# Packages of another architecture are only unpacked, from lists of their own: the package system of this machine does not learn of it.
fetch_arch() {
	case "$1" in
	arm64) install_packages qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
	*) fail "there are no guests of architecture $1; arm64 can be had" ;;
	esac
	fresh="$(mktemp -d)"
	chmod 755 "$fresh"
	mkdir -p "$fresh/lists/partial" "$fresh/cache/archives/partial" "$fresh/debs" "$fresh/root"
	: >"$fresh/status"
	cat >"$fresh/apt.conf" <<-END
		APT::Architecture "$1";
		APT::Architectures { "$1"; };
		Dir::State::lists "$fresh/lists";
		Dir::State::status "$fresh/status";
		Dir::Cache "$fresh/cache";
		Acquire::Languages "none";
	END
	foreign() { env APT_CONFIG="$fresh/apt.conf" "$@"; }
	release="$(foreign apt-get update -q >"$fresh/log" 2>&1 && foreign apt-cache show "linux-headers-cloud-$1" |
		sed -n 's/^Depends:.*linux-headers-\([0-9][^ ,]*\).*/\1/p' | head -1)"
	dir="$cache/kernels/$release"
	if [ -n "$release" ] && [ -e "$dir/boot/vmlinuz-$release" ] && [ -e "$cache/busybox/$1/bin/busybox" ]; then
		rm -rf "$fresh"
		return 0
	fi
	changed=yes
	say "fetching kernel ${release:-of $1}"
	[ -n "$release" ] && (cd "$fresh/debs" &&
		foreign apt-get download -q "linux-image-$release" "linux-headers-$release" busybox-static >/dev/null 2>>"$fresh/log") || {
		tail -3 "$fresh/log" >&2
		rm -rf "$fresh"
		fail "the packages of $1 could not be fetched; run: apt-get update, then try again"
	}
	for deb in "$fresh"/debs/*.deb; do dpkg-deb -x "$deb" "$fresh/root"; done
	# The sources of the headers are the same for all architectures; the build programs must be those of this machine.
	# shellcheck disable=SC2046 # one word a package
	install_packages $(dpkg-deb -f "$fresh"/debs/linux-headers-*.deb Depends | tr ',' '\n' |
		sed -n 's/^ *\(linux-\(headers\|kbuild\)-[^ ]*\).*/\1/p')
	for kbuild in /usr/lib/linux-kbuild-*; do ln -sfn "$kbuild" "$fresh/root/usr/lib/"; done
	[ -d "$fresh/root/lib" ] || cp -r "$fresh/root/usr/lib" "$fresh/root/lib"
	/sbin/depmod -b "$fresh/root" "$release" || { rm -rf "$fresh"; fail "depmod failed for kernel $release"; }
	rm -rf "$dir" "$cache/busybox/$1"
	mkdir -p "$dir/usr" "$cache/busybox/$1/bin"
	cp "$fresh"/root/*bin/busybox "$cache/busybox/$1/bin/" 2>/dev/null || cp "$fresh"/root/usr/bin/busybox "$cache/busybox/$1/bin/"
	mv "$fresh/root/boot" "$fresh/root/lib" "$dir/"
	mv "$fresh/root/usr/src" "$fresh/root/usr/lib" "$dir/usr/"
	rm -rf "$fresh"
}

# The package is only unpacked: installed, it would start a server and make a user.
fetch_promtool() {
	[ -e "$cache/prometheus/promtool" ] && return 0
	changed=yes
	say "fetching promtool"
	fresh="$(mktemp -d)"
	chmod 755 "$fresh"
	(cd "$fresh" && apt-get download -q prometheus >/dev/null 2>log) || {
		tail -3 "$fresh/log" >&2
		rm -rf "$fresh"
		fail "the package prometheus could not be fetched; run: apt-get update, then try again"
	}
	dpkg-deb -x "$fresh"/prometheus_*.deb "$fresh/root"
	mkdir -p "$cache/prometheus"
	mv "$fresh/root/usr/bin/promtool" "$cache/prometheus/"
	rm -rf "$fresh"
}

npm_packages() {
	stamp=node_modules/.package-lock.json
	[ -e "$stamp" ] && [ ! package-lock.json -nt "$stamp" ] && return 0
	changed=yes
	say "installing npm packages"
	log="$(mktemp)"
	npm ci --no-audit --no-fund >"$log" 2>&1 || {
		tail -8 "$log" >&2
		fail "npm ci failed; its log is $log"
	}
	touch "$stamp"
	rm -f "$log"
}

build() {
	if [ -e dist/vexfs-trace.cjs ] && [ -z "$(find src patterns package.json -newer dist/vexfs-trace.cjs -type f -print -quit)" ]; then
		return 0
	fi
	changed=yes
	say "building"
	npm run -s build
}

check_node
# shellcheck disable=SC2046 # one word a package
install_packages $(sed -e 's/#.*//' -e 's/ .*//' .ci/debian-packages)
fetch_kernel linux-headers-cloud-amd64
ln -sfn "$stock" "$cache/kernels/stock"
# On a release of Debian whose stock kernel is of the wanted series there is nothing to add.
case "${1-} $stock" in "kernel ${2-none}".*) set -- ;; esac
if [ "${1-}" = kernel ]; then
	install_packages "linux-headers-${2:?which series, such as 6.12}-cloud-amd64"
	fetch_kernel "linux-headers-$2-cloud-amd64"
fi
if [ "${1-}" = arch ]; then fetch_arch "${2:?which architecture, such as arm64}"; fi
if [ "${1-}" = browser ]; then install_packages chromium poppler-utils; fi
if [ "${1-}" = postgresql ]; then install_packages postgresql; fi
if [ "${1-}" = shells ]; then install_packages zsh fish man-db groff; fi
if [ "${1-}" = prometheus ]; then fetch_promtool; fi
if [ "${1-}" = kernel-build ]; then install_packages flex bison bc pahole libelf-dev "linux-source-${2:-6.1}"; fi
npm_packages
build
[ "$changed" = yes ] && say "ready" || say "everything is in place, nothing to install"
