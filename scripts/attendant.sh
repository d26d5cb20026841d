# shellcheck shell=bash
# Sourced by the commands for whoever looks after the box: finds the `attendant` command, and the box's units.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

# The installed one, else that of this checkout.
attendant() {
    local candidate
    for candidate in "${ATTENDANT-}" /usr/bin/attendant /opt/attendant/current/bin/attendant "$here/.venv/bin/attendant"; do
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then
            "$candidate" "$@"
            return
        fi
    done
    printf '%s: there is no attendant command here: install the box first\n' "${0##*/}" >&2
    return 127
}

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

units=(attendant-bridge attendant-worker attendant-admin)

# A page that is open begins the admin again by its socket: that one ends first and begins last.
end_programs() { if has_systemd; then systemctl stop attendant-admin.socket "${units[@]}"; fi; }
begin_programs() { if has_systemd; then systemctl start "${units[@]}" attendant-admin.socket; fi; }
