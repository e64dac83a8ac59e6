# fish completion for gateshctl(1)

set -l verbs check explain test list audit doctor
complete -c gateshctl -f
complete -c gateshctl -l config -r -a '(__fish_complete_directories)' -d 'read the policy from this directory'
complete -c gateshctl -l json -d 'print JSON'
complete -c gateshctl -l help -d 'print help'
complete -c gateshctl -l version -n "not __fish_seen_subcommand_from $verbs" -d 'print the version'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a check -d 'find every fault of the policy'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a explain -d 'say what would happen to a line'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a test -d 'run the cases of the group files'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a list -d 'print what a person may run'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a audit -d 'show, filter, count, convert records'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'look for what weakens the rules here'
complete -c gateshctl -n '__fish_seen_subcommand_from check test' -a '(__fish_complete_directories)'
complete -c gateshctl -n '__fish_seen_subcommand_from explain list audit' -l user -x -a '(__fish_complete_users)' -d 'for this user'
complete -c gateshctl -n '__fish_seen_subcommand_from explain list audit' -l group -x -a '(__fish_complete_groups)' -d 'for members of this group'
complete -c gateshctl -n '__fish_seen_subcommand_from test doctor' -l root -r -a '(__fish_complete_directories)' -d 'resolve paths in this directory'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -F
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l since -x -d 'only from then on'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l until -x -d 'only before then'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l session -x -d 'only this session'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l denied -d 'only what was denied'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l follow -d 'go on as the log grows'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l format -x -a 'text json ocsf ecs' -d 'how records are shown'
