# bash completion for gateshctl(1)

_gateshctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verbs="check explain test list audit doctor" verb="" i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --) return ;;
            check | explain | test | list | audit | doctor) verb=${COMP_WORDS[i]} && break ;;
        esac
    done
    case $before in
        --config | --root)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return
            ;;
        --format)
            mapfile -t COMPREPLY < <(compgen -W "text json ocsf ecs" -- "$word")
            return
            ;;
        --since | --until | --session) return ;;
        --user)
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
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
    elif [[ $verb == check || $verb == test ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
    elif [[ $verb == audit ]]; then
        mapfile -t COMPREPLY < <(compgen -f -W summary -- "$word")
    fi
}
complete -o filenames -F _gateshctl gateshctl
