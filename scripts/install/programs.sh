# shellcheck shell=bash
# Sourced by install.sh: the box's own programs, Asterisk and weights; they are begun, and it is told what is left to do.
# shellcheck disable=SC2154

asterisk_folder=/var/lib/attendant-asterisk/tree
told_mark=/etc/attendant/clinic-is-told
up_s=240 # the first start speaks the clinic's sentences
left_to_do=()

attendant() { /usr/bin/attendant "$@"; }
as_bridge() { setpriv --reuid=attendant-bridge --regid=attendant --init-groups "$@"; }

# The same as `attendant update` lays a version ready (docs/updates.md), by the system's Python alone.
place_version() {
    local python name said=$cache/said
    python=$(find_python) || no_python
    install -d -m 755 "$cache" /opt/attendant
    say "Programs: laying them ready in /opt/attendant (minutes, when they come over the network)"
    # What was fetched before a line broke is not fetched again.
    if ! name=$(cd / && PIP_CACHE_DIR="$cache/pip" PYTHONPATH="$root" PYTHONDONTWRITEBYTECODE=1 \
        "$python" -P -m appliance.service.update.first "$root" 2>"$said"); then
        cat "$said" >>"$log"
        fail "$(tail -n 1 "$said")" "Behind a proxy, set https_proxy. The same command goes on from here; the log is $log"
    fi
    write_command
    if [ "$name" != "$(basename "$(readlink /opt/attendant/current)")" ]; then
        say "Programs: an update to $name, between calls"
        attendant update --to "$name" || fail "the box stays with the version that it has" "docs/updates.md tells more."
    fi
    say "Programs: $name"
}

write_command() {
    printf '#!/bin/sh\nexec /opt/attendant/current/bin/attendant "$@"\n' >/usr/bin/attendant.new
    chmod 755 /usr/bin/attendant.new
    mv /usr/bin/attendant.new /usr/bin/attendant
}

make_asterisk() {
    local -a how=()
    [ "${answer[telephones]}" = own ] || return 0
    if [ -n "$bundle" ]; then
        how=(--archive "$bundle/asterisk.tar.gz")
        [ -e "${how[1]}" ] || fail "there is no Asterisk in the bundle" \
            "Make one without --without-asterisk, or answer \"existing\" or \"none\" when it comes to telephones."
    fi
    if [ -n "${answer[mirror]-}" ]; then how+=(--mirror "${answer[mirror]}"); fi
    "$root/scripts/asterisk-tree" make "$asterisk_folder" "${how[@]}" \
        || fail "there is no Asterisk yet" "Above stands why. When that is mended, the same command goes on from here."
}

# Calls do not need them: what cannot be brought now is left to do.
bring_weights() {
    local models=/var/lib/attendant/models
    if [ -n "$bundle" ]; then
        if [ -d "$bundle/weights" ]; then
            cp -r "$bundle/weights/." "$models/" || fail "the weights could not be copied to $models" "Is the disk full?"
            chown -R attendant-bridge:attendant "$models"
            say "Weights: those of the bundle"
        fi
        return
    fi
    [ "${answer[weights]}" = yes ] || return 0
    say "Weights: fetching those that recognise and speak without the cloud (about 200 MB)"
    if ! as_bridge /usr/bin/attendant models fetch --default; then
        left_to_do+=("Weights could not be fetched; callers use keys while the cloud is away: attendant models fetch --default")
    fi
}

units_of_the_box() {
    # What two boxes need is begun by whoever has two (docs/boxes.md), but for what ends a box that was taken over.
    printf '%s\n' attendant-certificate.timer attendant-stood-down.path attendant-bridge.service attendant-worker.service \
        attendant-speech.service attendant-admin.socket attendant-admin.service attendant-front.service
    if [ "${answer[telephones]}" = own ]; then say attendant-asterisk.service; fi
    if [ "${answer[firewall]}" = yes ]; then say attendant-firewall.service; fi
}

# Begun together, since some wait for others; then each has to be up.
begin_programs_of_the_box() {
    local unit until=$((SECONDS + up_s))
    local -a units
    mapfile -t units < <(units_of_the_box)
    quietly systemctl enable "${units[@]}" || stopped "the services could not be enabled"
    again_by_new_units
    if [ -e /var/lib/attendant/stood_down ]; then
        say "Services: not begun, since this box has stood down (docs/boxes.md)"
        return
    fi
    quietly systemctl start --no-block "${units[@]}" || stopped "the services could not be begun"
    say "Services: beginning"
    for unit in "${units[@]}"; do
        until is_up "$unit"; do
            [ "$SECONDS" -lt "$until" ] || not_up "$unit"
            sleep 0.5
        done
    done
    say "Services: up"
}

# Speech without a place to listen at ends by itself, and that is no failure.
is_up() {
    systemctl -q is-active "$1" \
        || { [ "$1" = attendant-speech.service ] && [ "$(systemctl show --property ExecMainStatus --value "$1")" = 6 ]; }
}

not_up() {
    journalctl -n 15 --no-pager -o cat -u "$1" | sed 's/^/  | /' >&2
    fail "$1 does not come up" "Above stands what it says; journalctl -u $1 has more." \
        "When that is mended, the same command goes on from here."
}

# Those that hold calls are not ended for a new unit.
again_by_new_units() {
    local unit
    for unit in "${changed[@]##*/}"; do
        case "$unit" in
            attendant-bridge.service | attendant-asterisk.service)
                if systemctl -q is-active "$unit"; then
                    left_to_do+=("When no call is up, for the new unit: systemctl restart $unit")
                fi
                ;;
            front.conf) quietly systemctl try-restart attendant-front.service || true ;;
            attendant-*.service) quietly systemctl try-restart "$unit" || true ;;
        esac
    done
}

# Once: from then on it is the staff's.
tell_clinic() {
    [ ! -e "$told_mark" ] || return 0
    if ! quietly as_bridge /usr/bin/attendant staff set business_name "${answer[clinic]}" \
        || ! quietly as_bridge /usr/bin/attendant staff set time_zone "${answer[time_zone]}"; then
        stopped "the clinic's name and time zone could not be noted"
    fi
}

last_words() {
    local link line lacking
    if [ "${answer[firewall]}" = no ]; then
        left_to_do+=("Close the pages and telephones to all but the office (look at /etc/attendant/firewall.nft first):"
            "  systemctl enable --now attendant-firewall")
    fi
    if [ "${answer[telephones]}" = existing ]; then
        left_to_do+=("Put into the clinic's own PBX what this prints: attendant asterisk render --existing")
    fi
    say ""
    lacking=$(attendant doctor 2>&1 | sed -n 's/^missing */  /p' || true)
    say "The box runs. What attendant doctor finds missing now:"
    say "${lacking:-  nothing}"
    if [ "${#left_to_do[@]}" -gt 0 ]; then
        say "Left to do:"
        for line in "${left_to_do[@]}"; do say "  $line"; done
    fi
    say ""
    if [ -e "$told_mark" ]; then
        say "Pages: https://${answer[pages]}/   (attendant admin-link gives whoever lost the way in a new link)"
        return
    fi
    link=$(setpriv --reuid=attendant-admin --regid=attendant --init-groups /usr/bin/attendant admin-link 2>>"$log") \
        || stopped "the link to the pages could not be made"
    say "Go on in a browser of the office: whoever opens this within 30 minutes becomes the owner of the box."
    say "  $link"
    say "The browser warns until it trusts the box: docs/admin.md. A new link: attendant admin-link"
    : >"$told_mark"
}
