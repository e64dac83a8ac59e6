# fish completion for gateshctl(1)

set -l verbs check explain test list audit doctor audit-document import export
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
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a audit-document -d 'say whether a Session document holds'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a import -d 'propose a group file from another gate'
complete -c gateshctl -n "not __fish_seen_subcommand_from $verbs" -a export -d 'write what AWS and sudo must be told'
complete -c gateshctl -n '__fish_seen_subcommand_from check test' -a '(__fish_complete_directories)'
complete -c gateshctl -n '__fish_seen_subcommand_from explain list audit' -l user -x -a '(__fish_complete_users)' -d 'for this user'
complete -c gateshctl -n '__fish_seen_subcommand_from explain list audit export' -l group -x -a '(__fish_complete_groups)' -d 'for members of this group'
complete -c gateshctl -n '__fish_seen_subcommand_from test doctor' -l root -r -a '(__fish_complete_directories)' -d 'resolve paths in this directory'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -F
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l since -x -d 'only from then on'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l until -x -d 'only before then'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l session -x -d 'only this session'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l denied -d 'only what was denied'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l follow -d 'go on as the log grows'
complete -c gateshctl -n '__fish_seen_subcommand_from audit' -l format -x -a 'text json ocsf ecs' -d 'how records are shown'
complete -c gateshctl -n '__fish_seen_subcommand_from audit-document' -F
complete -c gateshctl -n '__fish_seen_subcommand_from import; and not __fish_seen_subcommand_from session-document' -a session-document
complete -c gateshctl -n '__fish_seen_subcommand_from import; and __fish_seen_subcommand_from session-document' -F
set -l exports session-document iam-policy sudoers
complete -c gateshctl -n "__fish_seen_subcommand_from export; and not __fish_seen_subcommand_from $exports" -a "$exports"
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l run-as -x -a '(__fish_complete_users)' -d 'run as this user'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l s3-bucket -x -d 'bucket for transcripts'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l s3-prefix -x -d 'prefix of their keys'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l log-group -x -d 'log group for transcripts'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l kms-key -x -d 'key that encrypts sessions'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l idle-minutes -x -d 'minutes without input'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l max-minutes -x -d 'minutes at most'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l single-command -d 'take one command as a parameter'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l status-line -d 'print the exit status last'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l non-interactive -d 'without a terminal'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from session-document' -l format -x -a 'yaml json' -d 'how it is written'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l account -x -d 'the account'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l partition -x -a 'aws aws-cn aws-us-gov' -d 'aws, aws-cn or aws-us-gov'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l region -x -d 'only in this region'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l tag -x -d 'only instances with this tag'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l document -x -d 'name of the document'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from iam-policy' -l kms-key -x -d 'key that encrypts sessions'
complete -c gateshctl -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from sudoers' -l sudo-version -x -d 'oldest sudo to read it'
