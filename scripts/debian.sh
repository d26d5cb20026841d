# shellcheck shell=bash
# Sourced by scripts/asterisk-tree and asked by the drills: where this machine gets Debian's packages, and the way
# there. No mirror is named here: what apt was told is what counts.

# The source of Debian packages that apt uses; nothing where it uses none, or has fetched no lists yet.
debian_mirror() {
    command -v apt-get >/dev/null || return 0
    # shellcheck disable=SC2016 # these are apt's own variables
    apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 2>/dev/null \
        | awk -F'|' '$1 == "Debian" && $2 ~ /^https?:/ && !found++ { print $2 }'
}

# debootstrap and wget ask the environment for proxies, never apt's settings.
carry_proxies() {
    local scheme proxy
    for scheme in http https; do
        proxy=""
        eval "$(apt-config shell proxy "Acquire::$scheme::Proxy")"
        if [ -n "$proxy" ] && [ "$proxy" != DIRECT ]; then export "${scheme}_proxy=$proxy"; fi
    done
}
