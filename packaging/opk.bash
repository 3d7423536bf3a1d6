# bash completion for opk; source it
_opk() {
    local words cur=${COMP_WORDS[COMP_CWORD]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='help version completion'
    else
        case ${COMP_WORDS[1]} in
        help) words='--help --man' ;;
        version) words='--help' ;;
        completion) words='--help' ;;
        esac
        case $cur in -*) ;; *) COMPREPLY=($(compgen -f -- "$cur")); return ;; esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _opk opk
