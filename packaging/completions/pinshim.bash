# bash completion for pinshim                                               -*- shell-script -*-

# The options of a subcommand, or of "bundle ACTION".
_pinshim_options() {
    local common="--help --version"
    case $1 in
    run) echo "--config --report --best-effort $common" ;;
    check) echo "--json $common" ;;
    compile) echo "--output $common" ;;
    explain) echo "--config --user --connect --json $common" ;;
    pin) echo "--cafile --policy --json $common" ;;
    log) echo "--config --follow --lines --json $common" ;;
    doctor) echo "--all --json $common" ;;
    status) echo "--tls --json $common" ;;
    refresh) echo "$common" ;;
    install-preload | remove-preload) echo "--root $common" ;;
    bundle) echo "$common" ;;
    "bundle create") echo "--output --version --expires --key --help" ;;
    "bundle sign") echo "--key $common" ;;
    "bundle verify") echo "--public-key $common" ;;
    "bundle show") echo "--json --file $common" ;;
    "bundle key") echo "$common" ;;
    esac
}

# The value of an option; fails where it is none that has one.
_pinshim_value() {
    case $1/$2 in
    */--config | run/-c | explain/-c | log/-c | */--output | compile/-o | "bundle create"/-o | */--cafile | pin/-C | \
        */--key | "bundle create"/-k | "bundle sign"/-k | */--public-key | "bundle verify"/-p)
        _filedir ;;
    */--root) _filedir -d ;;
    */--user | explain/-u) COMPREPLY=($(compgen -u -- "$cur")) ;;
    log/--lines | log/-n | "bundle create"/--version | "bundle create"/--expires | "bundle create"/-[ne] | \
        "bundle show"/--file | "bundle show"/-f) ;;
    *) return 1 ;;
    esac
}

_pinshim() {
    local cur prev words cword
    _init_completion || return
    local subcommand=${words[1]} first=2
    if ((cword == 1)); then
        COMPREPLY=($(compgen -W "run check compile explain pin log doctor status bundle refresh install-preload
            remove-preload help --help --version" -- "$cur"))
        return
    fi
    case $subcommand in
    help)
        ((cword > 2)) || COMPREPLY=($(compgen -W "run check compile explain pin log doctor status bundle refresh
            install-preload remove-preload" -- "$cur"))
        return ;;
    bundle)
        if ((cword == 2)) && [[ $cur != -* ]]; then
            COMPREPLY=($(compgen -W "create sign verify show key" -- "$cur"))
            return
        fi
        ((cword == 2)) || subcommand="bundle ${words[2]}" first=3 ;;
    run) # what is started has completions of its own
        local i
        for ((i = 2; i < cword; i++)); do
            case ${words[i]} in
            --) _command_offset $((i + 1)); return ;;
            -c | --config) ((i++)) ;;
            -*) ;;
            *) _command_offset $i; return ;;
            esac
        done
        if [[ $prev != -c && $prev != --config && $cur != -* ]]; then
            COMPREPLY=($(compgen -c -- "$cur"))
            return
        fi ;;
    esac
    ((cword > first)) && _pinshim_value "$subcommand" "$prev" && return
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(_pinshim_options "$subcommand")" -- "$cur"))
        return
    fi
    case $subcommand in
    check | compile | "bundle "*) _filedir ;;
    doctor) COMPREPLY=($(compgen -c -- "$cur")) ;;
    explain) _known_hosts_real -- "$cur" ;;
    pin) _filedir; _known_hosts_real -- "$cur" ;;
    esac
} &&
    complete -F _pinshim pinshim
