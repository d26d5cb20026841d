# shellcheck shell=bash
# Sourced by install.sh: a bundle that scripts/bundle made, opened and checked; nothing comes from the network then.
# shellcheck disable=SC2154

use_bundle() {
    if [ -d "$1" ]; then check_bundle "$1"; else open_bundle "$1"; fi
}

# Goes on by the bundle's own install.sh, so that what is installed is of one piece.
open_bundle() {
    local place=$cache/bundle needed
    if [ -e "$1.sha256" ]; then
        say "Bundle: looking whether it is whole"
        (cd "$(dirname "$1")" && sha256sum --status --check "$1.sha256") || damaged "$1"
    fi
    needed=$(($(stat -c %s "$1") / 1000000 + 100))
    install -d -m 755 "$cache"
    [ "$(free_megabytes "$cache")" -ge "$needed" ] || fail "the disk that holds $cache is too full" \
        "$needed MB are needed to open the bundle. Or unpack it elsewhere, and run the install.sh in it: --offline FOLDER."
    rm -rf "$place"
    mkdir "$place"
    quietly tar --extract --no-same-owner --file "$1" --directory "$place" || damaged "$1"
    [ -x "$place/attendant/install.sh" ] || fail "$1 is no bundle of ours" "scripts/bundle makes one."
    flock -u "$one_at_a_time"
    exec "$place/attendant/install.sh" --offline "$place/attendant" ${answers:+--answers "$answers"}
}

damaged() {
    fail "$1 is damaged" "Copy it anew, with the .sha256 beside it; scripts/bundle made both."
}

# Every file is what it was, and it was made for a machine like this one.
check_bundle() {
    local name
    if ! [ -f "$1/bundle.txt" ] || ! [ -f "$1/SHA256SUMS" ]; then
        fail "$1 is no bundle of ours" "scripts/bundle makes one."
    fi
    (cd "$1" && sha256sum --quiet --strict --check SHA256SUMS >>"$log" 2>&1) || damaged "$1"
    [ "$root" -ef "$1" ] || fail "this is not the install.sh of that bundle" "Run $1/install.sh --offline $1"
    for name in system architecture; do
        [ "$(sed -n "s/^$name //p" "$1/bundle.txt")" = "$(this_"$name")" ] \
            || fail "the bundle is for $(sed -n "s/^$name //p" "$1/bundle.txt"), and this is $(this_"$name")" \
                "Make one on a machine like this one: scripts/bundle"
    done
    # shellcheck disable=SC2034 # environment.sh installs from there
    package_folder=$1/packages
    say "Bundle: whole, $(sed -n 's/^version //p' "$1/bundle.txt")"
}

this_system() { (. /etc/os-release && say "$ID ${VERSION_ID:-testing}"); }
this_architecture() { dpkg --print-architecture; }
