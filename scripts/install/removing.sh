# shellcheck shell=bash
# Sourced by install.sh: the box goes from this machine; what the clinic has in it stays unless it is told otherwise.
# shellcheck disable=SC2154

data_folders=(/var/lib/attendant /var/lib/attendant-pbx /var/lib/attendant-asterisk /var/lib/attendant-certificate /etc/attendant)
users_of_the_box=(attendant-bridge attendant-asterisk attendant-admin attendant-front attendant-speech
    attendant-certificate attendant-firewall)

uninstall() {
    check_root
    begin_log
    if [ -n "$with_data" ] && [ -t 0 ]; then be_sure; fi
    remove_units
    remove_programs
    if [ -n "$with_data" ]; then
        remove_data
        say "Attendant is gone from this machine, and all that it held. Backups elsewhere are as they were."
    else
        say "Attendant's programs are gone. What the clinic has stays: ${data_folders[*]}"
        say "  ./install.sh brings the box back with it; ./install.sh --uninstall --with-data removes it, too."
    fi
    say "Debian packages that were installed stay."
}

be_sure() {
    local typed
    say "Books, recordings, settings and secrets of the clinic will be deleted. Nothing brings them back but a backup."
    read -r -p "Type \"delete\" to go on: " typed || true
    [ "${typed-}" = delete ] || fail "nothing was removed" "Without --with-data they stay."
}

remove_units() {
    local unit
    local -a ours=()
    for unit in "$root"/systemd/*.{path,socket,timer,service,target} "${retired[@]}"; do
        if [ -e "$units_folder/${unit##*/}" ]; then ours+=("${unit##*/}"); fi
    done
    if [ "${#ours[@]}" -gt 0 ]; then
        quietly systemctl disable --now "${ours[@]}" || stopped "the services could not be ended"
        rm -f "${ours[@]/#/$units_folder/}"
    fi
    rm -f /etc/systemd/journald.conf.d/attendant.conf
    if [ -e "$own_nginx" ]; then
        quietly systemctl unmask nginx.service
        quietly systemctl disable nginx.service || true # it never ran here, and nobody asked it to
        rm -f "$own_nginx"
    fi
    quietly systemctl daemon-reload
    # What failed before it went would be told of for ever.
    quietly systemctl reset-failed 'attendant-*' || true
}

remove_programs() {
    if [ -e "$asterisk_folder" ]; then
        "$root/scripts/asterisk-tree" remove "$asterisk_folder" || fail "Asterisk's programs stay" "Above stands why."
    fi
    rm -rf --one-file-system /opt/attendant "$cache" /usr/lib/attendant /run/attendant /run/attendant-asterisk{,-lib}
    rm -f /usr/bin/attendant /usr/lib/tmpfiles.d/attendant.conf /usr/lib/sysusers.d/attendant.conf
}

remove_data() {
    local each
    # And whole boxes that restores set aside, or left half restored.
    rm -rf --one-file-system "${data_folders[@]}" /var/lib/attendant.before-* /var/lib/attendant.restoring
    for each in "${users_of_the_box[@]}"; do quietly userdel "$each" || true; done
    for each in attendant attendant-pbx attendant-front; do quietly groupdel "$each" || true; done
}
