#!/usr/bin/env bash
# The operator's door: sets Attendant up on Debian 12 or newer, or Ubuntu 24.04 or newer.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
own_folder="$root/.try"
log="$own_folder/install.log"
packages=(python3 python3-venv ca-certificates espeak-ng) # espeak-ng is the voice of the simulated service
megabytes=1500

# shellcheck source=scripts/environment.sh
. "$root/scripts/environment.sh"

usage() {
    cat <<'TEXT'
usage: ./install.sh --try

  --try     installs what is missing, starts the box on this machine alone (no systemd, no account), places
            a real call through it and prints the conversation as it happens. Exit status 0 means that the
            call did its job. With OPENAI_API_KEY set the real speech service speaks, else a simulated one,
            whose plug is pulled halfway: with weights in .try/models (it says how to bring them) the box
            goes on by voice, without by keys.
  --help    prints this

Everything --try makes is in .try/ beside this file; remove that folder and it is gone. Debian packages that
were missing stay installed.
TEXT
}

check_machine() {
    case "$(uname -m)" in
        x86_64 | aarch64) ;;
        *) fail "this is a $(uname -m) machine" "Attendant runs on x86_64 and aarch64 with a 64-bit system." ;;
    esac
    [ -w "$root" ] || fail "you cannot write to $root" "Use a checkout of your own."
    mkdir -p "$own_folder" 2>/dev/null || fail "cannot make $own_folder"
    : 2>/dev/null >"$log" || fail "cannot write $log" "Was it made by another user? Remove $own_folder and try again."
}

# Says what the system is; status 1 when it is none that we know.
check_system() {
    local name version oldest
    [ -r /etc/os-release ] || { say "System: unknown"; return 1; }
    name=$(. /etc/os-release && say "${ID:-}")
    version=$(. /etc/os-release && say "${VERSION_ID:-}")
    case "$name" in
        debian | raspbian) oldest=12 ;;
        ubuntu) oldest=24.04 ;;
        *)
            say "System: $name $version, which Attendant was not tested on. It goes on if Python does."
            return 1
            ;;
    esac
    # Debian's next release carries no number yet.
    if [ -n "$version" ] && [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1)" != "$oldest" ]; then
        say "System: $name $version is older than $oldest, the oldest that Attendant is tested on."
        return 1
    fi
    say "System: $name ${version:-(testing)}, $(uname -m)"
}

add_packages() {
    if [ -z "$(missing_packages "${packages[@]}")" ]; then
        say "System packages: all there"
    elif ! install_packages "${packages[@]}"; then
        find_python >/dev/null || fail "Attendant cannot start without them" "The log is $log"
        say "  Going on without them, as there is a Python that will do."
    fi
}

try_call() {
    check_machine
    if check_system && has_apt; then add_packages; fi
    python=$(find_python) || fail "there is no Python 3.11 or newer here that can make environments" \
        "Debian 12, Ubuntu 24.04 and later have one in python3 and python3-venv."
    make_environment "$own_folder/venv" "$root/requirements.lock" "$python" "$megabytes"
    say "Python environment: ready"
    cd "$root" # so that no `scripts` folder of the caller's stands in front
    export PYTHONPATH="$root"
    exec "$own_folder/venv/bin/python" -m scripts.try_call
}

case "${1-}${2+ more}" in
    --try) try_call ;;
    --help | -h) usage ;;
    "")
        cat >&2 <<'TEXT'
install.sh: the permanent installation (systemd) is not part of this release yet.

  To see Attendant at work on this machine now, without an account:
    ./install.sh --try

  To work on it: ./scripts/dev install, then docs/developing.md
TEXT
        exit 2
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
