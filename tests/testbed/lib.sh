# shellcheck shell=bash
# lib.sh - what the parts of the testbed share; sourced, not run.
#
# Each part has   PART/up DIR [..]   and   PART/down DIR
#   up     starts a throw-away server on a free loopback port, its files in
#          DIR/PART, waits until it answers, and prints KEY=VALUE lines on
#          standard output, nothing else
#   down   stops what up started, by the ids that were noted, and removes
#          DIR/PART
# ./dev test installs the packages that the parts need.

set -euo pipefail
umask 022
export LC_ALL=C

say() { printf '%s: %s\n' "${PART:-testbed}" "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# part NAME DIR [SIGNAL]: sets PART and HOME_DIR, which is DIR/NAME; the signal
# is what stops it.
part() {
	PART=$1 STOP_SIGNAL=${3:-TERM}
	[ -n "${2:-}" ] || die "usage: $0 DIR"
	mkdir -p "$2"
	BASE=$(cd "$2" && pwd)
	HOME_DIR=$BASE/$PART
}

# begin: a clean place; if up fails, its logs are told and nothing stays.
begin() {
	stop_noted
	rm -rf "$HOME_DIR"
	mkdir -p "$HOME_DIR"
	trap 'failed_to_start $?' EXIT
}

failed_to_start() {
	[ "$1" -ne 0 ] || return 0
	say 'did not start; the ends of its logs:'
	tail -n 15 "$HOME_DIR"/*.log >&2 2>/dev/null || true
	stop_noted
}

# free_port: nobody listens there, and the kernel gives it to nobody.
free_port() {
	local port hex
	for _ in $(seq 200); do
		port=$((15000 + (RANDOM * 32768 + RANDOM) % 17000))
		hex=$(printf ':%04X ' "$port")
		grep -qi "$hex.* 0A " /proc/net/tcp /proc/net/tcp6 \
		    2>/dev/null || {
			echo "$port"
			return
		}
	done
	die 'no free port'
}

# started_at PID: when, in clock ticks; fails when it is gone or a zombie.
started_at() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	[ "$1" != Z ] && echo "${20}"
}

# spawn LOG COMMAND..: in the background, without our descriptors; sets
# SPAWNED and notes id, start time and command.
spawn() {
	local log=$1
	shift
	setsid "$@" </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- \
	    9>&- &
	SPAWNED=$!
	disown
	{
		printf '%s %s' "$SPAWNED" "$(started_at "$SPAWNED" || echo 0)"
		printf ' %q' "$log" "$@"
		echo
	} >>"$HOME_DIR/pids"
}

# wait_for SECONDS PID COMMAND..: until COMMAND succeeds or PID is gone.
wait_for() {
	local end=$((SECONDS + $1)) pid=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		started_at "$pid" >/dev/null || return 1
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# answers PORT: somebody listens there.
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# stop_noted: its signal to each that was noted, KILL after ten seconds.
stop_noted() {
	local pid start rest
	[ -e "$HOME_DIR/pids" ] || return 0
	# shellcheck disable=SC2034
	while read -r pid start rest; do
		[ "$(started_at "$pid" || true)" = "$start" ] || continue
		kill -"$STOP_SIGNAL" "$pid" 2>/dev/null || true
		for _ in $(seq 200); do
			started_at "$pid" >/dev/null || continue 2
			sleep 0.05
		done
		kill -KILL "$pid" 2>/dev/null || true
	done < <(tac "$HOME_DIR/pids")
	rm -f "$HOME_DIR/pids"
}

# retry_ports FUNCTION: FUNCTION PORT until it succeeds; sets PORT.
retry_ports() {
	for _ in 1 2 3; do
		PORT=$(free_port)
		if "$1" "$PORT"; then return 0; fi
		stop_noted
	done
	return 1
}

# publish KEY=VALUE..: the last step of up.
publish() {
	printf '%s\n' "$@" | tee "$HOME_DIR/env"
}
