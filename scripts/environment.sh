# shellcheck shell=bash
# Sourced by install.sh, scripts/dev and scripts/asterisk-tree: Debian packages and private Python environments.
# The caller sets `root` (the checkout) and `log` (where quiet commands write).
# shellcheck disable=SC2154

unset PYTHONHOME PYTHONPATH
trap 'printf "\nstopped; the same command starts over safely\n" >&2; exit 130' INT TERM

say() { printf '%s\n' "$*"; }

fail() {
    printf '\n%s: %s\n' "${0##*/}" "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

# Runs a command with its output in the log; when it fails, shows the end of it.
quietly() {
    local status=0
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    return "$status"
}

end_of_log() {
    say "  the end of $log:" >&2
    tail -n 15 "$log" | sed 's/^/  | /' >&2
}

version_of_python() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# The distribution's own python3 where it will do, else the first good one on the PATH.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

missing_packages() {
    local name
    for name in "$@"; do
        case "$(dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null)" in
            ?i*) ;;
            *) say "$name" ;;
        esac
    done
}

apt_get() {
    local -a as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        [ -t 0 ] || as_root+=(-n) # nobody is there to type a password
    fi
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"
}

# Fresh package lists are fetched only when the packages cannot be had without.
apt_install() {
    local -a install=(install --no-install-recommends "$@")
    if [ -n "${package_folder-}" ]; then
        install_from "$package_folder"
        return
    fi
    apt_get --no-remove "${install[@]}" && return
    say "  fetching the package lists"
    apt_get update || true # one unreachable source must not hide the others
    apt_get --no-remove "${install[@]}"
}

# install_from FOLDER: of the packages in a folder, those that are not here, or older here; nothing is fetched.
install_from() {
    local file name version here
    local -a wanted=() alone=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=-)
    for file in "$1"/*.deb; do
        # shellcheck disable=SC2016 # the variables are dpkg's own
        read -r name version < <(dpkg-deb -W --showformat '${Package} ${Version}\n' "$file")
        # shellcheck disable=SC2016
        here=$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$name" 2>/dev/null | sed -n 's/^.i[^ ]* *//p')
        if [ -z "$here" ] || dpkg --compare-versions "$here" lt "$version"; then wanted+=("$file"); fi
    done
    apt_get --no-remove "${alone[@]}" install --no-install-recommends "${wanted[@]}"
}

# install_packages NAME...: installs what is missing; status 1 when that cannot be done, with the reason said.
install_packages() {
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "  missing: ${missing[*]}; installing them takes root, and there is no sudo here."
            say "  As root: apt-get install --no-install-recommends ${missing[*]}"
            return 1
        fi
        say "System packages: installing ${missing[*]} (with sudo, which may ask for your password)"
        if [ -t 0 ]; then sudo -v || return 1; fi
    else
        say "System packages: installing ${missing[*]}"
    fi
    apt_install "${missing[@]}" && return
    end_of_log
    say "  apt-get could not install ${missing[*]}. Is this machine online, and are its package sources in order?" >&2
    return 1
}

free_megabytes() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# The stamp is written last: an environment without it was left half made, and is made again.
environment_stamp() {
    printf '%s %s %s\n' "$(sha256sum <"$2" | cut -c1-16)" "$(version_of_python "$3")" "$1"
}

# make_environment FOLDER LOCK PYTHON MEGABYTES: a private environment with exactly what the lock names.
make_environment() {
    local folder=$1 lock=$2 python=$3 megabytes=$4 stamp held
    stamp=$(environment_stamp "$folder" "$lock" "$python")
    mkdir -p "$(dirname "$folder")"
    exec {held}<"$(dirname "$folder")"
    flock "$held" # two terminals, one environment
    if ! [ -x "$folder/bin/python" ] || [ "$(cat "$folder/.complete" 2>/dev/null)" != "$stamp" ]; then
        [ "$(free_megabytes "$(dirname "$folder")")" -ge "$megabytes" ] \
            || fail "the disk that holds $root is too full" "$megabytes MB are needed for the Python environment."
        fill_environment "$folder" "$lock" "$python"
        say "$stamp" >"$folder/.complete"
    fi
    exec {held}>&-
}

fill_environment() {
    local folder=$1 lock=$2 python=$3
    say "Python environment: making $folder with Python $(version_of_python "$python") (a minute or two)"
    quietly rm -rf "$folder" || { end_of_log; fail "cannot remove the old $folder"; }
    quietly "$python" -m venv "$folder" || { end_of_log; fail "Python could not make an environment"; }
    quietly "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r "$lock" && return
    end_of_log
    fail "pip could not install the pinned packages" \
        "Is the Python package index reachable from here? Behind a proxy, set https_proxy." \
        "The whole log is in $log; running the same command again starts over safely."
}
