# shellcheck shell=bash
# Sourced by install.sh: the questions, at most five, and the file that answers them instead.
# The caller sets `answers` (that file, or nothing).
# shellcheck disable=SC2154

kept_answers=/etc/attendant/answers
questions=(clinic time_zone pages telephones firewall weights mirror)
declare -A answer=()

# Asked first of all: nothing is begun that somebody would have to be asked about.
may_ask() {
    if [ -z "$answers" ] && ! [ -r "$kept_answers" ] && ! [ -t 0 ]; then
        fail "there is nobody to ask" "Run it in a terminal, or with --answers FILE: docs/install.md has an example."
    fi
}

ask_all() {
    local system_name
    system_name=$(. /etc/os-release && say "$ID")
    if [ -n "$answers" ]; then
        read_answers "$answers"
    elif [ -r "$kept_answers" ]; then
        read_answers "$kept_answers"
        say "Answers: those of $kept_answers"
    fi
    ask clinic "What is the clinic called, as callers are to hear it?" "the clinic"
    ask time_zone "In which time zone is it?" "$(own_time_zone)"
    ask pages "Under which name or address will the office open the pages?" "$(own_address)"
    ask telephones "Desk phones or a trunk: our own Asterisk (own), the clinic's (existing), or Twilio alone (none)?" own
    if [ "$system_name" = ubuntu ] && [ "${answer[telephones]}" = own ] && [ -z "$bundle" ]; then
        ask mirror "Where is a mirror of Debian, from which our Asterisk comes? (https://...)" ""
        ask_nothing firewall no
    else
        ask firewall "Close the pages and telephones to all but the office's own networks now (yes, no)?" no
    fi
    ask_nothing weights yes
    check_answers
}

read_answers() {
    local line number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        [[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
        [[ $line =~ ^[[:space:]]*([a-z_]+)[[:space:]]*=[[:space:]]*(.*)$ ]] \
            || fail "line $number of $1 cannot be read: $line" "Each line is NAME = VALUE; docs/install.md has an example."
        [[ " ${questions[*]} " == *" ${BASH_REMATCH[1]} "* ]] \
            || fail "line $number of $1: there is no question \"${BASH_REMATCH[1]}\"" "There are: ${questions[*]}."
        answer[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]%"${BASH_REMATCH[2]##*[![:space:]]}"} # without blanks at its end
    done <"$1"
}

# ask NAME QUESTION DEFAULT: what is answered already is not asked.
ask() {
    local typed problem
    [ -z "${answer[$1]+there}" ] || return 0
    if [ -n "$answers" ] || ! [ -t 0 ]; then
        answer[$1]=$3
        return
    fi
    while :; do
        read -r -p "$2 [$3] " typed || fail "no answer came" "The same command asks again."
        answer[$1]=${typed:-$3}
        problem=$(problem_with "$1")
        [ -n "$problem" ] || return 0
        say "  $problem"
    done
}

ask_nothing() { answer[$1]=${answer[$1]-$2}; }

check_answers() {
    local name problem
    for name in "${!answer[@]}"; do
        problem=$(problem_with "$name")
        [ -z "$problem" ] || fail "$name = ${answer[$name]}: $problem" "Correct it in ${answers:-$kept_answers}."
    done
}

# Says why an answer cannot be used; nothing when it can.
problem_with() {
    local value=${answer[$1]}
    case "$1" in
        clinic) [ -n "$value" ] || say "it needs a name." ;;
        time_zone) known_zone "$value" || say "it is one such as America/Chicago." ;;
        pages) [[ $value =~ ^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$ ]] \
            || say "it is a name such as attendant.lan, or an address such as 192.168.1.20." ;;
        telephones) [[ $value =~ ^(own|existing|none)$ ]] || say "it is own, existing or none." ;;
        firewall | weights) [[ $value =~ ^(yes|no)$ ]] || say "it is yes or no." ;;
        mirror) [[ $value =~ ^(https?://[^[:space:]]+)?$ ]] || say "it is an address that begins with http." ;;
    esac
}

known_zone() {
    [[ $1 =~ ^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$ ]] && { ! [ -d /usr/share/zoneinfo ] || [ -f "/usr/share/zoneinfo/$1" ]; }
}

own_time_zone() {
    local zone
    zone=$(readlink -f /etc/localtime 2>/dev/null | sed -n 's|^.*/zoneinfo/||p')
    if [ "${zone#Etc/}" != "$zone" ] || ! known_zone "$zone"; then zone=America/New_York; fi
    say "$zone"
}

# The first address in an office's network, else the machine's name.
own_address() {
    local address
    for address in $(hostname -I 2>/dev/null); do
        if [[ $address =~ ^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.) ]]; then
            say "$address"
            return
        fi
    done
    say "$(uname -n)"
}

# A second run asks nothing, and an installation that ended goes on by the same answers.
keep_answers() {
    local name
    install -d -m 755 /etc/attendant
    for name in "${questions[@]}"; do
        if [ -n "${answer[$name]-}" ]; then say "$name = ${answer[$name]}"; fi
    done >"$kept_answers.new"
    mv "$kept_answers.new" "$kept_answers"
}

# Written once: from then on it is the clinic's, and nothing here touches it.
write_settings() {
    local file=/etc/attendant/attendant.toml
    if [ -e "$file" ]; then
        say "Settings: $file stays as it is"
        return
    fi
    {
        say "# What the IT person sets; docs/settings.md has everything that can stand here. The page Settings changes it, too."
        printf '[box]\ndata_dir = "/var/lib/attendant"\n\n[front]\nname = "%s"\n' "${answer[pages]}"
        printf '\n[speech]\nuri = "unix:///run/attendant/speech.sock"\n'
        case "${answer[telephones]}" in
            own) printf '\n[asterisk]\nenabled = true\nfolder = "/var/lib/attendant-pbx"\n' ;;
            existing) printf '\n[asterisk]\nenabled = true\nexisting = true\nfolder = "/var/lib/attendant-pbx"\n' ;;
        esac
    } >"$file.new"
    mv "$file.new" "$file"
    say "Settings: $file"
}
