# shellcheck shell=bash
# Sourced by install.sh: what the box needs of the machine: packages, ports, users, folders, units.
# shellcheck disable=SC2034,SC2154

cache=/var/cache/attendant
units_folder=/etc/systemd/system
box_packages=(python3 python3-venv ca-certificates espeak-ng iproute2 nftables restic)
own_nginx=/etc/attendant/nginx-is-masked # so that an uninstall gives it back
room_needed=3000
retired=(attendant-self-call.timer attendant-self-call.service) # units of before that are no more
changed=()                                                     # what was laid otherwise than it lay there

check_processor() {
    case "$(uname -m)" in
        x86_64 | aarch64) ;;
        *) fail "this is a $(uname -m) machine" "Attendant runs on x86_64 and aarch64 with a 64-bit system." ;;
    esac
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

no_python() {
    fail "there is no Python 3.11 or newer here that can make environments" \
        "Debian 12, Ubuntu 24.04 and later have one in python3 and python3-venv."
}

check_root() {
    [ "$(id -u)" -eq 0 ] || fail "this takes root" "It makes users, folders and services. Try it with sudo."
    [ -d /run/systemd/system ] || fail "systemd does not run here" \
        "The box is made of its services. In a container without it, ./install.sh --try places a call all the same."
}

# One installation at a time; what it does is kept.
begin_log() {
    log=/var/log/attendant-install.log
    : 2>/dev/null >>"$log" || fail "cannot write $log" "Is the disk full, or read-only? df -h /var"
    exec {one_at_a_time}>/run/attendant-install.lock
    flock -n "$one_at_a_time" || fail "another installation runs on this machine" "Wait until it has ended."
    printf '\n=== %s\n' "$(date -u +%FT%TZ)" >>"$log"
}

check_room() {
    local place free needed=$room_needed
    if [ -e /opt/attendant/current ]; then needed=500; fi
    for place in /opt /var; do
        free=$(free_megabytes "$place")
        [ "$free" -ge "$needed" ] || fail "the disk that holds $place is too full: $free MB are free" \
            "$needed MB are needed, most of them for the programs. Make room and run the same command again."
    done
}

add_box_packages() {
    local -a wanted=("${box_packages[@]}")
    if ! command -v nginx >/dev/null; then
        wanted+=(nginx-light)
        # Debian's nginx begins by itself once it is installed, and would have the ports of ours.
        install -d -m 755 /etc/attendant
        : >"$own_nginx"
        quietly systemctl mask nginx.service
    fi
    if [ -z "$(missing_packages "${wanted[@]}")" ]; then
        say "System packages: all there"
    elif ! install_packages "${wanted[@]}"; then
        fail "the box cannot be installed without these packages" \
            "When apt-get can install them again, run the same command: it goes on from here. The log is $log"
    fi
}

# Before anything of ours is there: whoever has a port that we need is to be asked, not fought.
check_ports() {
    local each kind port whose
    local -a wanted=("tcp 80" "tcp 443" "tcp 8080" "tcp 8081" "tcp 8083")
    if [ "${answer[telephones]}" = own ]; then wanted+=("udp 5060" "tcp 5038" "tcp 8088"); fi
    if [ -e "$units_folder/attendant-bridge.service" ]; then return; fi # they may be others by now
    for each in "${wanted[@]}"; do
        read -r kind port <<<"$each"
        whose=$(holder "$kind" "$port")
        [ -z "$whose" ] || fail "port $port ($kind) is taken by $whose" \
            "Stop that program and have it not begin again (systemctl disable --now ...), or give it another port." \
            "When telephones are the matter: a clinic that has its own Asterisk answers \"existing\"." \
            "Then run the same command again. Nothing of the box runs yet."
    done
}

# holder KIND PORT: which program listens there, if it is none of the box.
holder() {
    local found pid
    found=$(ss -Hlnp "--$1" "sport = :$2" | head -n 1)
    [ -n "$found" ] || return 0
    pid=$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' <<<"$found")
    if [ -n "$pid" ] && grep -q /attendant- "/proc/$pid/cgroup" 2>/dev/null; then return 0; fi
    if [ -n "$pid" ]; then say "$(cat "/proc/$pid/comm") (process $pid)"; else say "a program of another system"; fi
}

# lay SOURCE TARGET: nothing is written where that is there already.
lay() {
    if cmp -s "$root/systemd/$1" "$2"; then return; fi
    if ! { install -D -m 644 "$root/systemd/$1" "$2.new" && mv "$2.new" "$2"; }; then
        fail "cannot write $2" "Is the disk full? df -h"
    fi
    changed+=("$2")
}

make_users_and_folders() {
    lay sysusers.conf /usr/lib/sysusers.d/attendant.conf
    quietly systemd-sysusers attendant.conf || stopped "the box's users could not be made"
    lay tmpfiles.conf /usr/lib/tmpfiles.d/attendant.conf
    quietly systemd-tmpfiles --create attendant.conf || stopped "the box's folders could not be made"
    lay front.conf /usr/lib/attendant/front.conf
    if ! [ -e /etc/attendant/firewall.nft ]; then lay firewall.nft /etc/attendant/firewall.nft; fi
    say "Users and folders: ready"
}

stopped() {
    end_of_log
    fail "$1" "The whole log is in $log. When that is mended, the same command goes on from here."
}

lay_units() {
    local unit
    for unit in "$root"/systemd/*.{service,socket,timer,path,target}; do lay "${unit##*/}" "$units_folder/${unit##*/}"; done
    for unit in "${retired[@]}"; do
        [ -e "$units_folder/$unit" ] || continue
        quietly systemctl disable --now "$unit" || true
        rm -f "$units_folder/$unit"
        say "  $unit is no more, and was removed."
    done
    # For the whole machine: the log is one, and forgets when the clinic's logs forget (docs/retention.md).
    lay journald.conf /etc/systemd/journald.conf.d/attendant.conf
    if [[ " ${changed[*]} " == *" /etc/systemd/journald.conf.d/"* ]]; then quietly systemctl try-restart systemd-journald || true; fi
    quietly systemctl daemon-reload || stopped "systemd did not take the units"
    say "Units: ready"
}
