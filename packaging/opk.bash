# bash completion for opk; source it
_opk() {
    local words cur=${COMP_WORDS[COMP_CWORD]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='commands discover explain classify redact drafts promote reject init sync build new guard tag validate yaml render sidecar event help version completion'
    else
        case ${COMP_WORDS[1]} in
        commands) words='--help --all --format --input-format --strict' ;;
        discover) words='--help --drafts --input-format --jobs --known --memory --min-sessions --registry --strict' ;;
        explain) words='--help --format --input-format --log --registry --shell' ;;
        classify) words='--help --format --input-format --no-hints --registry' ;;
        redact) words='--help --null' ;;
        drafts) words='--help --drafts --format --min-commands --min-sessions --registry --type' ;;
        promote) words='--help --as --drafts --dry-run --format --name --registry --summary --ulid' ;;
        reject) words='--help --drafts --dry-run --format --registry --ulid --why' ;;
        init) words='--help' ;;
        sync) words='--help --all --category --check --diff --dry-run --force-name --format --insert-missing --migrate --no-create --overwrite --pattern-id --pattern-key --root' ;;
        build) words='--help --check-only --diff --format --root' ;;
        new) words='--help --category --dry-run --field --filter --from --from-index --hook --id --insert-missing --kind --layer --root --section --target-type --template --ulid' ;;
        guard) words='--help --base --baseline --fix --format --root --write-baseline' ;;
        tag) words='--help --dry-run --family --format --push --remote --root' ;;
        validate) words='--help --base --format --schema' ;;
        yaml) words='--help --check --dry-run --format --yaml' ;;
        render) words='--help --root' ;;
        sidecar) words='--help --check --diff --format --root --ulid' ;;
        event) words='--help --base --check --diff --format --path --root' ;;
        help) words='--help --man' ;;
        version) words='--help' ;;
        completion) words='--help' ;;
        esac
        case $cur in -*) ;; *) COMPREPLY=($(compgen -f -- "$cur")); return ;; esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _opk opk
