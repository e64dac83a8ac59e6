//! What people type out of habit from other shells, with what there is here instead. Asked only about words that no
//! rule names: an administrator may allow a program of any of these names.

use crate::excerpt::escape;
use crate::words::Word;

/// Characters of the person's own word that an answer repeats at most.
const REPEATED: usize = 24;

/// Words and the answer to them.
const HABITS: &[(&[&str], &str)] = &[
    (
        &["bash", "sh", "zsh", "dash", "ksh", "mksh", "csh", "tcsh", "fish", "rbash", "ash"],
        "no other shell is started from here; help lists what you may run",
    ),
    (
        &["su", "doas", "pkexec", "runuser", "login", "newgrp", "sg"],
        "you stay who you are here; help lists what you may run",
    ),
    (
        &["set", "shopt", "setopt", "bind", "bindkey"],
        "there are no shell options here but  set -o vi  and  set -o emacs",
    ),
    (
        &["export", "unset", "declare", "typeset", "local", "readonly", "let", "setenv"],
        "there are no variables here: commands get an environment of their own",
    ),
    (&["alias", "unalias", "abbr"], "aliases are set by your administrator; help lists those that there are"),
    (&["source", "."], "no scripts are run here; their lines can be typed or pasted"),
    (&["eval"], "no text is run as a command here; type the command itself"),
    (&["exec", "builtin", "command"], "type the command alone, without this word"),
    (
        &[
            "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac",
            "select", "function", "[[", "!",
        ],
        "there are no loops and conditions here; type the commands one by one",
    ),
    (&["quit", "bye", "q", ":q", ":wq", ":x", "disconnect"], "exit ends the session, and so does Ctrl-D"),
    (&["fc", "r"], "Up and Ctrl-R find earlier lines, to be changed and run again"),
    (&["wait", "disown"], "jobs that are left when the session ends are ended with it"),
    (&["pushd", "popd", "dirs"], "cd goes to a directory, and cd - back to the one before"),
    (&["ulimit", "umask"], "what a command gets is set by its rule; help COMMAND says it"),
];

/// Words that ask what another one is.
const ASKING: &[&str] =
    &["which", "type", "whence", "where", "whereis", "man", "info", "whatis", "apropos", "tldr"];

/// What there is instead, in one line.
pub(super) fn way_out(program: &str, arguments: &[Word]) -> Option<String> {
    let arguments: Vec<&str> = arguments.iter().map(Word::text).collect();
    match (program, arguments.as_slice()) {
        (asking, _) if ASKING.contains(&asking) => Some(about(&arguments)),
        ("command", ["-v" | "-V", of @ ..]) => Some(about(of)),
        ("kill", [job, ..]) if job.starts_with('%') || arguments.iter().any(|word| word.starts_with('%')) => {
            Some("fg fetches a job to the front, where Ctrl-C ends it".to_owned())
        }
        (changed, _) if changed.starts_with('^') => known("fc").map(str::to_owned),
        (word, _) => known(word).map(str::to_owned),
    }
}

fn known(word: &str) -> Option<&'static str> {
    HABITS.iter().find(|(words, _)| words.contains(&word)).map(|(_, answer)| *answer)
}

/// Options and the sections of manual pages are not what is asked about.
fn about(arguments: &[&str]) -> String {
    let is_name = |word: &&&str| !word.starts_with('-') && !word.bytes().all(|byte| byte.is_ascii_digit());
    match arguments.iter().find(is_name).map(|word| escape(word)) {
        Some(name) if name.chars().count() <= REPEATED => {
            format!("help {name} says whether you may run it, and how")
        }
        Some(_) | None => "help lists what you may run; help COMMAND says more".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(line: &str) -> Option<String> {
        let words: Vec<Word> = line.split(' ').map(|word| Word::plain(word).unwrap()).collect();
        way_out(words[0].text(), &words[1..])
    }

    #[test]
    fn whoever_asks_what_a_command_is_is_sent_to_help() {
        let about_ls = Some("help ls says whether you may run it, and how".to_owned());
        for line in ["which ls", "type -a ls", "man 1 ls", "man ls", "command -v ls"] {
            assert_eq!(answer(line), about_ls, "{line}");
        }
        for line in ["man", "man 5", &format!("which {}", "x".repeat(25))] {
            assert!(answer(line).unwrap().starts_with("help lists"), "{line}");
        }
    }

    #[test]
    fn what_is_no_habit_has_no_answer() {
        for line in ["vi app.log", "kill 17", "lsof", "commands", "systemctl"] {
            assert_eq!(answer(line), None, "{line}");
        }
    }

    #[test]
    fn each_word_has_one_answer_and_each_answer_one_row() {
        let mut words: Vec<&str> =
            HABITS.iter().flat_map(|(words, _)| *words).chain(ASKING).copied().collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|two| two[0] != two[1]), "{words:?}");
        assert!(HABITS.iter().all(|(_, answer)| answer.len() <= 78));
    }
}
