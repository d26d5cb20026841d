#!/usr/bin/env bash
# The operator's door: sets Attendant up on Debian 12 or newer, or Ubuntu 24.04 or newer. docs/install.md tells more.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
own_folder="$root/.try"
log="$own_folder/install.log"
packages=(python3 python3-venv ca-certificates espeak-ng) # espeak-ng is the voice of the simulated service
megabytes=1500

# shellcheck source=scripts/environment.sh
. "$root/scripts/environment.sh"
# shellcheck source=scripts/install/asking.sh
. "$root/scripts/install/asking.sh"
# shellcheck source=scripts/install/system.sh
. "$root/scripts/install/system.sh"
# shellcheck source=scripts/install/programs.sh
. "$root/scripts/install/programs.sh"
# shellcheck source=scripts/install/offline.sh
. "$root/scripts/install/offline.sh"
# shellcheck source=scripts/install/removing.sh
. "$root/scripts/install/removing.sh"

usage() {
    cat <<'TEXT'
usage: ./install.sh [--answers FILE] [--offline BUNDLE]
       ./install.sh --uninstall [--with-data]
       ./install.sh --try

  (nothing)         installs the box on this machine, or goes on where an installation ended; asks five questions at
                    most. Running it again does no harm, and brings the box to the version that lies here.
  --answers FILE    asks nothing, and takes the answers from FILE: docs/install.md has an example
  --offline BUNDLE  takes everything from a bundle that scripts/bundle made, and nothing from the network
  --uninstall       removes the programs; books, recordings, settings and secrets stay
  --with-data       removes those as well

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
    check_processor
    [ -w "$root" ] || fail "you cannot write to $root" "Use a checkout of your own."
    mkdir -p "$own_folder" 2>/dev/null || fail "cannot make $own_folder"
    : 2>/dev/null >"$log" || fail "cannot write $log" "Was it made by another user? Remove $own_folder and try again."
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
    python=$(find_python) || no_python
    make_environment "$own_folder/venv" "$root/requirements.lock" "$python" "$megabytes"
    say "Python environment: ready"
    cd "$root" # so that no `scripts` folder of the caller's stands in front
    export PYTHONPATH="$root"
    exec "$own_folder/venv/bin/python" -m scripts.try_call
}

# Each step leaves what is done already as it is: so the same command goes on where an installation ended.
install_box() {
    cd / # the box's users may not look into this folder
    umask 022 # what is laid is read by the box's users
    may_ask
    check_root
    begin_log
    if [ -n "$bundle" ]; then use_bundle "$bundle"; fi
    check_processor
    check_system || fail "this system is none that Attendant is installed on" \
        "Debian 12 or 13, or Ubuntu 24.04; ./install.sh --try may do all the same."
    has_apt || fail "there is no apt here" "Debian 12 or 13, or Ubuntu 24.04, have it."
    ask_all
    check_room
    add_box_packages
    check_ports
    keep_answers
    make_users_and_folders
    write_settings
    place_version
    make_asterisk
    bring_weights
    lay_units
    begin_programs_of_the_box
    tell_clinic
    rm -rf "$cache"
    last_words
}

refuse() {
    usage >&2
    exit 2
}

mode=install answers="" bundle="" with_data=""
case "${1-}${2+ more}" in
    --try) try_call ;;
    --help | -h)
        usage
        exit
        ;;
esac
while [ $# -gt 0 ]; do
    case "$1" in
        --answers | --offline)
            [ $# -ge 2 ] || refuse
            [ -e "$2" ] || fail "there is no $2"
            if [ "$1" = --answers ]; then answers=$(realpath -- "$2"); else bundle=$(realpath -- "$2"); fi
            shift
            ;;
        --uninstall) mode=uninstall ;;
        --with-data) with_data=yes ;;
        *) refuse ;;
    esac
    shift
done
if [ -n "$with_data" ] && [ "$mode" != uninstall ]; then refuse; fi
if [ "$mode" = uninstall ]; then uninstall; else install_box; fi
