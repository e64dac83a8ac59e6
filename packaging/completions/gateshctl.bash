# bash completion for gateshctl(1)

_gateshctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verbs="check explain test list audit doctor audit-document import export new schema completions" verb="" what="" i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --) return ;;
            check | explain | test | list | audit | doctor | audit-document | new | schema | completions) verb=${COMP_WORDS[i]} && break ;;
            import | export) verb=${COMP_WORDS[i]} what=${COMP_WORDS[i + 1]} && break ;;
        esac
    done
    ((i + 1 < COMP_CWORD)) || what=""
    case $before in
        --config | --root)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return
            ;;
        --format)
            local formats="text json ocsf ecs"
            [[ $verb == export ]] && formats="yaml json"
            mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$word")
            return
            ;;
        --partition)
            mapfile -t COMPREPLY < <(compgen -W "aws aws-cn aws-us-gov" -- "$word")
            return
            ;;
        --pattern)
            mapfile -t COMPREPLY < <(compgen -W "rules safe" -- "$word")
            return
            ;;
        --template)
            mapfile -t COMPREPLY < <(compgen -W "$(gateshctl new --list 2>/dev/null | cut -d' ' -f1)" -- "$word")
            return
            ;;
        --files | --directories | --since | --until | --session | --account | --region | --tag | --document | --sudo-version) return ;;
        --policy-bucket | --policy-key | --policy-region | --policy-tag | --policy-schedule) return ;;
        --s3-bucket | --s3-prefix | --log-group | --kms-key | --idle-minutes | --max-minutes) return ;;
        --user | --run-as)
            mapfile -t COMPREPLY < <(compgen -u -- "$word")
            return
            ;;
        --group)
            mapfile -t COMPREPLY < <(compgen -g -- "$word")
            return
            ;;
    esac
    local options="--config --json --help"
    case $verb in
        "") options="$options --version" ;;
        explain) options="$options --user --group --" ;;
        test) options="$options --root" ;;
        list) options="$options --user --group" ;;
        audit) options="$options --since --until --user --group --session --denied --follow --format" ;;
        doctor) options="$options --root" ;;
        import) options="$options --files --directories" ;;
        new) options="$options --template --group --list" ;;
    esac
    local session="--run-as --s3-bucket --s3-prefix --log-group --kms-key --idle-minutes --max-minutes"
    session="$session --single-command --pattern --status-line --non-interactive"
    local access="--account --partition --region --tag"
    case $verb/$what in
        export/session-document) options="$options --group $session --format" ;;
        export/iam-policy) options="$options --group $access --document --kms-key" ;;
        export/sudoers) options="$options --group --sudo-version" ;;
        export/cloudformation | export/terraform)
            options="$options $session $access --policy-bucket --policy-key --policy-region --policy-tag"
            options="$options --policy-schedule"
            ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
    elif [[ $verb == check || $verb == test ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
    elif [[ $verb == import && -z $what ]]; then
        mapfile -t COMPREPLY < <(compgen -W session-document -- "$word")
    elif [[ $verb == export && -z $what ]]; then
        mapfile -t COMPREPLY < <(compgen -W "session-document iam-policy sudoers cloudformation terraform" -- "$word")
    elif [[ $verb == schema ]]; then
        mapfile -t COMPREPLY < <(compgen -W "group gatesh" -- "$word")
    elif [[ $verb == completions ]]; then
        mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$word")
    elif [[ $verb == import || $verb == audit-document ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    elif [[ $verb == audit ]]; then
        mapfile -t COMPREPLY < <(compgen -f -W summary -- "$word")
    fi
}
complete -o filenames -F _gateshctl gateshctl
